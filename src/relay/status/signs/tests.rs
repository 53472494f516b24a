use proptest::prelude::*;

use super::*;

/// H.264 that is shown so much later than it comes.
fn picture(later_ms: i32) -> Vec<u8> {
    let later = later_ms.to_be_bytes();
    [&[0x27, 1], &later[1..], &[9; 100]].concat()
}

const LOUD: [u8; 6] = [0xaf, 1, 0x21, 0x4c, 0x6c, 0xfe];
const SILENT: [u8; 8] = [0xaf, 1, 0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c];

/// An encoder with 25 pictures a second.
struct Encoder {
    signs: Signs,
    now: i64,
    pictures: i64,
    key_every: i64,
    /// How much later pictures are shown, in turns.
    later: Vec<i32>,
    sound: Option<&'static [u8]>,
    has_pictures: bool,
}

impl Encoder {
    fn new() -> Self {
        let signs = Signs::default();
        signs.restart(1_000);
        Self {
            signs,
            now: 1_000,
            pictures: 0,
            key_every: 50,
            later: vec![0],
            sound: Some(&LOUD),
            has_pictures: true,
        }
    }

    fn run(&mut self, seconds: i64) -> &mut Self {
        for _ in 0..seconds * 25 {
            let kind = if self.pictures % self.key_every == 0 { Kind::VideoKey } else { Kind::VideoInter };
            let at = usize::try_from(self.pictures).unwrap() % self.later.len();
            if self.has_pictures {
                self.signs.count(kind, &picture(self.later[at]), self.now + 7_000, self.now);
            }
            if let Some(sound) = self.sound {
                self.signs.count(Kind::Audio, sound, self.now + 7_000, self.now);
            }
            self.pictures += 1;
            self.now += 40;
        }
        self
    }

    fn told(&self) -> Option<Told> {
        self.signs.tell(self.now)
    }

    fn gap_ms(&self) -> u128 {
        self.told().unwrap().key_frames.unwrap().gap.as_millis()
    }
}

#[test]
fn a_long_gap_between_key_frames_is_seen_before_the_second_one_comes() {
    let mut encoder = Encoder { key_every: 250, ..Encoder::new() };
    encoder.run(8);
    assert_eq!(encoder.gap_ms(), 7_960);
    encoder.run(20);
    assert_eq!(encoder.gap_ms(), 10_000);
    encoder.key_every = 50;
    encoder.run(1);
    assert_eq!(encoder.gap_ms(), 8_000);
    encoder.run(2);
    assert_eq!(encoder.gap_ms(), 2_000);
    let frames = encoder.run(16).told().unwrap().key_frames.unwrap();
    assert!(!frames.are_uneven, "{frames:?}");
}

#[test]
fn what_is_lost_on_the_way_makes_no_long_gap_and_no_silence() {
    let mut encoder = Encoder::new();
    encoder.run(10);
    encoder.now += 8_000;
    assert!(encoder.told().is_none(), "nothing comes at all");
    encoder.run(1);
    assert_eq!(encoder.gap_ms(), 2_000);
}

#[test]
fn key_frames_at_any_time_are_uneven() {
    let mut encoder = Encoder::new();
    for key_every in [50, 13, 49, 21, 50] {
        encoder.key_every = i64::MAX;
        encoder.run(1 + key_every / 25);
        (encoder.key_every, encoder.pictures) = (i64::MAX, 0);
    }
    assert!(encoder.run(3).told().unwrap().key_frames.unwrap().are_uneven);
}

#[test]
fn b_frames_are_told_by_the_order_and_not_by_a_delay() {
    let has = |later: &[i32]| {
        let mut encoder = Encoder { later: later.to_vec(), ..Encoder::new() };
        encoder.run(10).told().unwrap().has_b_frames
    };
    assert_eq!(has(&[0]), Some(false));
    assert_eq!(has(&[80]), Some(false), "an encoder that says the same of all");
    assert_eq!(has(&[40, 120, 0, 0]), Some(true));
    let mut encoder = Encoder { later: vec![40, 120, 0, 0], ..Encoder::new() };
    encoder.run(10);
    encoder.later = vec![80];
    assert_eq!(encoder.run(11).told().unwrap().has_b_frames, Some(false), "it was corrected");
}

#[test]
fn one_absurd_time_tells_nothing_of_b_frames() {
    for absurd in [i32::MAX >> 8, i32::MIN >> 8, 10_001] {
        let mut encoder = Encoder::new();
        encoder.run(10);
        encoder.signs.count(Kind::VideoInter, &picture(absurd), encoder.now + 7_000, encoder.now);
        assert_eq!(encoder.run(5).told().unwrap().has_b_frames, Some(false), "{absurd}");
    }
}

#[test]
fn what_came_lasts_as_long_as_its_own_clock_says() {
    let mut encoder = Encoder::new();
    encoder.run(2);
    assert_eq!(encoder.signs.counts().media_ms, 1_960);
    encoder.signs.count(Kind::Audio, &LOUD, encoder.now + 10_000, encoder.now);
    assert_eq!(encoder.signs.counts().media_ms, 5_000, "though it came at once");
    encoder.signs.restart(encoder.now);
    assert_eq!(encoder.signs.counts().media_ms, 0);
}

#[test]
fn what_comes_is_told_from_what_stopped_and_what_never_came() {
    let mut encoder = Encoder { sound: None, ..Encoder::new() };
    assert!(encoder.run(4).told().is_none(), "too early to tell");
    let told = encoder.run(4).told().unwrap();
    assert_eq!((told.video, told.audio), (Presence::Here, Presence::Never));
    encoder.sound = Some(&LOUD);
    assert_eq!(encoder.run(1).told().unwrap().audio, Presence::Here);
    encoder.sound = None;
    assert_eq!(encoder.run(2).told().unwrap().audio, Presence::Here);
    assert!(matches!(encoder.run(2).told().unwrap().audio, Presence::Stopped(time) if time.as_secs() == 4));
    encoder.sound = Some(&LOUD);
    encoder.has_pictures = false;
    assert!(matches!(encoder.run(5).told().unwrap().video, Presence::Stopped(_)));
    encoder.signs.restart(encoder.now);
    assert!(encoder.told().is_none());
    assert_eq!(encoder.run(8).told().unwrap().video, Presence::Never, "of the next encoder");
}

#[test]
fn silence_is_timed_and_over_with_the_first_sound() {
    let mut encoder = Encoder { sound: Some(&SILENT), ..Encoder::new() };
    assert_eq!(encoder.run(12).told().unwrap().silent_for, Some(Duration::from_secs(12)));
    encoder.sound = Some(&LOUD);
    assert_eq!(encoder.run(1).told().unwrap().silent_for, None);
    encoder.sound = Some(&SILENT);
    assert_eq!(encoder.run(2).told().unwrap().silent_for, None, "a moment");
    assert!(encoder.run(3).told().unwrap().silent_for.is_some());
}

#[test]
fn other_tracks_do_not_count() {
    let signs = Signs::default();
    signs.restart(0);
    signs.count(Kind::VideoInter, b"\x96\x01hvc1\x01\0\0\0\x09", 0, 0);
    signs.count(Kind::Audio, b"\x95\x01mp4a\x01\x21", 0, 0);
    signs.count(Kind::VideoHeader, b"\x17\0\0\0\0\x01", 0, 0);
    assert_eq!(signs.counts(), Counts::default());
}

proptest! {
    #[test]
    fn nothing_is_too_strange(
        frames in proptest::collection::vec((0..3_u8, any::<i64>(), any::<i64>(), proptest::collection::vec(any::<u8>(), 0..30)), 0..40),
        now in any::<i64>(),
    ) {
        let signs = Signs::default();
        signs.restart(now);
        for (kind, time, arrived, payload) in frames {
            let kind = [Kind::Audio, Kind::VideoKey, Kind::VideoInter][usize::from(kind)];
            signs.count(kind, &payload, time, arrived);
            let _ = signs.tell(arrived);
        }
        let _ = signs.tell(now);
    }
}
