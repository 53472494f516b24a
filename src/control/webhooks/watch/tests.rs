use tokio::time::advance;

use super::*;
use crate::model::{EndpointRole, ErrorKind};
use crate::relay::Board;
use crate::relay::status::Setback;

const STREAM: StreamId = StreamId(1);
const TARGET: TargetId = TargetId(1);

/// A stream that is live, and what is told of it.
struct Scene {
    board: Board,
    watch: Watch,
    source: SourceState,
}

impl Scene {
    fn new() -> Self {
        Self { board: Board::default(), watch: Watch::default(), source: SourceState::Live }
    }

    fn stream(&mut self, change: StreamChange) -> Option<&'static str> {
        let event =
            StreamEvent { stream: STREAM, at_ms: 5, change, peer: None, replaced: None, until_ms: None };
        self.watch.see_stream(&event, Instant::now()).map(|notice| notice.kind.as_str())
    }

    /// Lets seconds pass, and gives all that is told meanwhile.
    async fn pass(&mut self, seconds: u64) -> Vec<&'static str> {
        let mut told = Vec::new();
        for _ in 0..seconds * 2 {
            advance(Duration::from_millis(500)).await;
            if self.watch.due().is_some_and(|due| due <= Instant::now()) {
                let (notices, targets) = self.watch.ripe(Instant::now());
                told.extend(notices.iter().map(|notice| notice.kind.as_str()));
                told.extend(targets.iter().filter_map(|_| self.look()));
            }
        }
        told
    }

    fn look(&mut self) -> Option<&'static str> {
        let shown = self.board.target(TARGET);
        let source = (STREAM, self.source);
        let notice = self.watch.see_target(TARGET, source, shown.as_ref(), Instant::now());
        notice.map(|notice| notice.kind.as_str())
    }

    fn enter(&mut self, state: TargetState) -> Option<&'static str> {
        let status = self.board.open_target(STREAM, TARGET, EndpointRole::Primary);
        let (step, kind, next_try) = (None, ErrorKind::TcpRefused, None);
        let setback = Setback { step, kind, reason: "No.".to_owned(), next_try };
        match state {
            TargetState::BackingOff => status.back_off(setback),
            TargetState::Blocked => status.block(setback),
            state => status.enter(state, "So."),
        }
        self.look()
    }
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_that_goes_well_is_told_by_its_beginning_and_end() {
    let mut scene = Scene::new();
    assert_eq!(scene.stream(StreamChange::Live), Some("stream.live"));
    for state in [TargetState::Resolving, TargetState::Publishing] {
        assert_eq!(scene.enter(state), None);
    }
    assert_eq!(scene.enter(TargetState::Live), Some("target.live"));
    assert!(scene.pass(60).await.is_empty());
    assert_eq!(scene.stream(StreamChange::Refused), None);
    assert_eq!(scene.stream(StreamChange::Takeover), Some("stream.takeover"));
    assert_eq!(scene.stream(StreamChange::Ended), Some("stream.ended"));
    scene.source = SourceState::Offline;
    assert_eq!(scene.enter(TargetState::WaitingForSource), None);
    assert!(scene.watch.targets.is_empty() && scene.watch.streams.is_empty());
    assert_eq!(scene.stream(StreamChange::Live), Some("stream.live"));
    scene.source = SourceState::Live;
    assert_eq!(scene.enter(TargetState::Live), Some("target.live"));
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_is_back_at_once_is_not_told() {
    let mut scene = Scene::new();
    scene.stream(StreamChange::Live);
    for _ in 0..20 {
        assert_eq!(scene.stream(StreamChange::Held), None);
        assert!(scene.pass(4).await.is_empty());
        assert_eq!(scene.stream(StreamChange::Live), None);
    }
    scene.stream(StreamChange::Held);
    assert_eq!(scene.pass(60).await, ["stream.held"]);
    assert_eq!(scene.stream(StreamChange::Live), Some("stream.live"));
    scene.stream(StreamChange::Held);
    assert_eq!(scene.stream(StreamChange::Ended), Some("stream.ended"));
    assert!(scene.pass(60).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn two_encoders_that_take_turns_are_told_once_a_minute() {
    let mut scene = Scene::new();
    scene.stream(StreamChange::Live);
    let mut told = 0;
    for _ in 0..30 {
        told += usize::from(scene.stream(StreamChange::Takeover).is_some());
        scene.pass(10).await;
    }
    assert_eq!(told, 5);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_fails_for_a_while_is_told_once_and_told_when_it_is_well() {
    let mut scene = Scene::new();
    scene.enter(TargetState::Live);
    let mut told = Vec::new();
    for _ in 0..10 {
        for state in [TargetState::BackingOff, TargetState::Connecting] {
            told.extend(scene.enter(state));
            told.extend(scene.pass(3).await);
        }
    }
    assert_eq!(told, ["target.failing"]);
    assert_eq!(scene.enter(TargetState::Live), None);
    assert_eq!(scene.pass(60).await, ["target.recovered"]);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_flaps_sends_no_storm() {
    let mut scene = Scene::new();
    let mut told = Vec::new();
    for _ in 0..100 {
        told.extend(scene.enter(TargetState::Live));
        told.extend(scene.pass(2).await);
        told.extend(scene.enter(TargetState::BackingOff));
        told.extend(scene.pass(12).await);
    }
    assert_eq!(told, ["target.live", "target.failing"]);
    // Quicker than it takes to be told.
    let mut scene = Scene::new();
    let mut told = Vec::new();
    for _ in 0..100 {
        told.extend(scene.enter(TargetState::Live));
        told.extend(scene.pass(2).await);
        told.extend(scene.enter(TargetState::BackingOff));
        told.extend(scene.pass(2).await);
    }
    assert_eq!(told, ["target.live"]);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_needs_a_person_is_told_at_once_and_once() {
    let mut scene = Scene::new();
    let mut told = Vec::new();
    for _ in 0..5 {
        told.extend(scene.enter(TargetState::Blocked));
        told.extend(scene.pass(100).await);
        told.extend(scene.enter(TargetState::Connecting));
        told.extend(scene.pass(20).await);
    }
    assert_eq!(told, ["target.blocked"]);
    scene.enter(TargetState::Live);
    assert_eq!(scene.pass(10).await, ["target.recovered"]);
}

#[tokio::test(start_paused = true)]
async fn a_target_does_not_fail_while_there_is_nothing_to_feed_it() {
    let mut scene = Scene::new();
    scene.enter(TargetState::Live);
    scene.source = SourceState::Held;
    scene.enter(TargetState::BackingOff);
    assert!(scene.pass(60).await.is_empty());
    scene.enter(TargetState::WaitingForSource);
    assert!(scene.pass(60).await.is_empty());
    scene.source = SourceState::Live;
    scene.enter(TargetState::Connecting);
    assert_eq!(scene.enter(TargetState::Live), None, "it is the same broadcast");
    assert_eq!(scene.enter(TargetState::Stopped), None);
    assert!(scene.watch.targets.is_empty());
}

#[tokio::test(start_paused = true)]
async fn of_two_connections_the_worse_one_is_told() {
    let mut scene = Scene::new();
    let backup = scene.board.open_target(STREAM, TARGET, EndpointRole::Backup);
    backup.enter(TargetState::Connecting, "So.");
    assert_eq!(scene.enter(TargetState::Live), None);
    assert_eq!(scene.pass(12).await, ["target.failing"]);
    backup.enter(TargetState::Live, "So.");
    scene.look();
    assert_eq!(scene.pass(12).await, ["target.recovered"]);
}
