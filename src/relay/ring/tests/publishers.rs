//! One publisher after the other, with other codecs too.

use super::*;

#[test]
fn after_a_restart_followers_read_on_and_newcomers_wait() {
    let mut ring = ring();
    let mut follower = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut follower, &ring);
    ring.restart();
    let mut newcomer = Cursor::new(&ring);
    push(&mut ring, &frame(VideoHeader, 1_000, 8));
    push(&mut ring, &frame(VideoInter, 1_000, 9));
    assert_eq!(newcomer.next(&ring), Ok(None));
    push(&mut ring, &frame(VideoKey, 1_100, 10));
    assert_eq!(read(&mut follower, &ring), [(VideoHeader, 8), (VideoKey, 10)]);
    assert_eq!(read(&mut newcomer, &ring), [(VideoHeader, 8), (VideoKey, 10)]);
}

#[test]
fn after_a_restart_headers_that_are_the_same_are_given_to_newcomers_only() {
    let mut ring = ring();
    let mut follower = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut follower, &ring);
    ring.restart();
    // One comes that shows nothing, and then the next.
    ring.restart();
    push(&mut ring, &frame(Metadata, 1_000, 1));
    push(&mut ring, &frame(VideoHeader, 1_000, 2));
    push(&mut ring, &frame(AudioHeader, 1_000, 7));
    push(&mut ring, &frame(VideoKey, 1_100, 10));
    assert_eq!(read(&mut follower, &ring), [(AudioHeader, 7), (VideoKey, 10)]);
    let newcomer = read(&mut Cursor::new(&ring), &ring);
    assert_eq!(newcomer, [(Metadata, 1), (VideoHeader, 2), (AudioHeader, 7), (VideoKey, 10)]);
    // Said again in mid-stream, it is passed on as it was sent.
    push(&mut ring, &frame(VideoHeader, 1_200, 2));
    assert_eq!(read(&mut follower, &ring), [(VideoHeader, 2)]);
}

#[test]
fn one_who_started_before_a_header_came_is_given_it_though_it_is_the_same_again() {
    let mut ring = ring();
    stream(&mut ring, 1);
    ring.restart();
    push(&mut ring, &frame(VideoHeader, 1_000, 2));
    push(&mut ring, &frame(VideoKey, 1_100, 10));
    let mut newcomer = Cursor::new(&ring);
    assert_eq!(read(&mut newcomer, &ring), [(VideoHeader, 2), (VideoKey, 10)]);
    push(&mut ring, &frame(AudioHeader, 1_100, 3));
    assert_eq!(read(&mut newcomer, &ring), [(AudioHeader, 3)]);

    // So it is where the sound comes long before the pictures.
    ring.restart();
    for n in 0..30 {
        push(&mut ring, &frame(Audio, 2_000 + n * 100, 100 + n as u32));
    }
    let mut newcomer = Cursor::new(&ring);
    push(&mut ring, &frame(Audio, 5_000, 200));
    assert_eq!(read(&mut newcomer, &ring), [(Audio, 200)]);
    push(&mut ring, &frame(VideoHeader, 5_000, 2));
    assert_eq!(read(&mut newcomer, &ring), [(VideoHeader, 2)]);
}

#[test]
fn after_a_restart_the_sound_of_the_publisher_before_starts_nobody() {
    let mut ring = ring();
    let mut early = Cursor::new(&ring);
    push(&mut ring, &frame(AudioHeader, 0, 1));
    for n in 0..15 {
        push(&mut ring, &frame(Audio, n * 100, 100 + n as u32));
    }
    ring.restart();
    push(&mut ring, &frame(AudioHeader, 1_500, 2));
    for n in 15..34 {
        push(&mut ring, &frame(Audio, n * 100, 100 + n as u32));
        assert_eq!(early.next(&ring), Ok(None), "pictures may come yet");
    }
    for n in 34..40 {
        push(&mut ring, &frame(Audio, n * 100, 100 + n as u32));
    }
    assert_eq!(read(&mut early, &ring)[..2], [(AudioHeader, 2), (Audio, 115)]);
}

#[test]
fn a_change_of_codecs_is_none_for_one_who_was_given_nothing_yet() {
    let mut ring = ring();
    stream(&mut ring, 1);
    ring.restart();
    let mut waiting = Cursor::new(&ring);
    assert_eq!(waiting.next(&ring), Ok(None));
    ring.begin_era(&frame(VideoHeader, 0, 8));
    push(&mut ring, &frame(VideoHeader, 1_000, 8));
    push(&mut ring, &frame(VideoKey, 1_000, 9));
    assert_eq!(read(&mut waiting, &ring), [(VideoHeader, 8), (VideoKey, 9)]);
}

#[test]
fn a_change_of_codecs_ends_those_who_read_once_they_have_read_what_came_before() {
    let mut ring = ring();
    let mut follower = Cursor::new(&ring);
    stream(&mut ring, 1);
    follower.next(&ring).unwrap();
    ring.restart();
    ring.begin_era(&frame(VideoHeader, 0, 8));
    push(&mut ring, &frame(VideoHeader, 1_000, 8));
    push(&mut ring, &frame(VideoKey, 1_000, 9));
    for _ in 0..12 {
        assert!(follower.next(&ring).unwrap().is_some());
    }
    assert_eq!(follower.next(&ring), Err(Changed));
    assert_eq!(read(&mut Cursor::new(&ring), &ring), [(VideoHeader, 8), (VideoKey, 9)]);
}

#[test]
fn a_change_of_codecs_ends_one_who_was_to_read_what_is_gone() {
    let mut ring = ring();
    let mut follower = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut follower, &ring);
    go_on(&mut ring, 10..20);
    ring.restart();
    ring.begin_era(&frame(VideoHeader, 0, 8));
    push(&mut ring, &frame(VideoHeader, 2_000, 8));
    go_on(&mut ring, 20..200);
    assert_eq!(follower.next(&ring), Err(Changed));
}

#[test]
fn a_change_of_codecs_ends_one_who_fell_behind_and_waits_for_a_key_frame() {
    let mut ring = ring();
    let mut follower = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut follower, &ring);
    go_on(&mut ring, 10..200);
    ring.restart();
    assert_eq!(follower.next(&ring), Ok(None));
    assert_eq!(follower.falls(), 1);
    ring.begin_era(&frame(VideoHeader, 0, 8));
    push(&mut ring, &frame(VideoHeader, 20_000, 8));
    push(&mut ring, &frame(VideoKey, 20_000, 9));
    assert_eq!(follower.next(&ring), Err(Changed));
}
