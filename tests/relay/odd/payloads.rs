//! Media as some encoders send it: it is carried as it came, whatever a decoder would say to it.

use splitcast::media::Kind;

use super::super::world::{STREAM, World};
use super::caller::{
    AAC_HEADER, AGGREGATE, AUDIO, AVC_HEADER, Caller, DATA, DATA_AMF3, Got, Sent, VIDEO, arrives_unchanged,
    picture, relay,
};
use crate::wire::{number, string};

#[tokio::test(start_paused = true)]
async fn negative_composition_times_as_of_wirecast_arrive_unchanged() {
    World::play(async {
        arrives_unchanged(&[
            (VIDEO, 0, AVC_HEADER.to_vec()),
            (VIDEO, 0, picture(true, 0, 1)),
            (VIDEO, 40, picture(false, -40, 2)),
            (VIDEO, 80, picture(false, 80, 3)),
            (VIDEO, 120, picture(false, -8_000_000, 4)),
            (VIDEO, 160, picture(true, -40, 5)),
        ])
        .await;
    })
    .await;
}

/// Metadata without codecs, numbers of codecs that do not exist or are not what is sent, pictures whose
/// parts do not fit, and bytes that look like Enhanced RTMP.
#[tokio::test(start_paused = true)]
async fn odd_payloads_as_of_dji_arrive_unchanged() {
    World::play(async {
        let metadata = [string("onMetaData"), b"\x08\x00\x00\x00\x00\x00\x00\x09".to_vec()].concat();
        arrives_unchanged(&[
            (DATA, 0, metadata),
            (VIDEO, 0, AVC_HEADER.to_vec()),
            (VIDEO, 0, picture(true, 0, 1)),
            (AUDIO, 10, vec![0xff, 1, 2, 3, 4]),
            (AUDIO, 20, vec![0xf0]),
            (AUDIO, 30, vec![]),
            (VIDEO, 40, vec![0x22, 0xff, 0xff]),
            (VIDEO, 80, vec![0x2b, 1, 2, 3, 4, 5, 6, 7, 8]),
            (VIDEO, 120, [&[0x27, 1, 0, 0, 0][..], &[0xff; 40]].concat()),
            (VIDEO, 160, vec![0x27]),
            (VIDEO, 200, b"\xa1dji".to_vec()),
            (VIDEO, 240, b"\xa7\xff\xff\xff".to_vec()),
            (VIDEO, 280, b"\xaf?????????".to_vec()),
            (AUDIO, 285, b"\x9f?".to_vec()),
            (VIDEO, 320, picture(true, 0, 2)),
        ])
        .await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_second_sound_of_old_obs_arrives_unchanged() {
    World::play(async {
        // Sound in an array of bytes of AMF3, within a message of AMF0.
        let expected =
            [string("@setDataFrame"), string("onExpectAdditionalMedia"), vec![3, 0, 0, 9]].concat();
        let sound = [0xaf, 1, 0x21, 0x10];
        let mut media = [string("additionalMedia"), vec![3]].concat();
        media.extend([&b"\x00\x02id"[..], &string("stream0"), b"\x00\x05media\x11\x0c"].concat());
        media.push((sound.len() as u8) << 1 | 1);
        media.extend([&sound[..], &[0, 0, 9]].concat());
        arrives_unchanged(&[
            (VIDEO, 0, AVC_HEADER.to_vec()),
            (VIDEO, 0, picture(true, 0, 1)),
            (DATA, 0, expected),
            (DATA, 20, media.clone()),
            (VIDEO, 40, picture(false, 0, 2)),
            (DATA, 43, media),
        ])
        .await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn codecs_by_their_numbers_before_enhanced_rtmp_arrive_unchanged() {
    World::play(async {
        for codec in [12, 13] {
            arrives_unchanged(&[
                (VIDEO, 0, vec![0x10 | codec, 0, 0, 0, 0, 1, 2, 3]),
                (VIDEO, 0, vec![0x10 | codec, 1, 0, 0, 80, 0, 0, 0, 1, 9]),
                (AUDIO, 7, vec![0xdf, 1, 2, 3]),
                (VIDEO, 40, vec![0x20 | codec, 1, 0, 0, 80, 0, 0, 0, 1, 9]),
            ])
            .await;
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn variants_of_av1_and_vp9_arrive_unchanged() {
    World::play(async {
        for (four_cc, header, picture) in [
            // A temporal delimiter first, and without it.
            (b"av01", &b"\x81\x00\x0c\x00"[..], &b"\x12\x00\x0a\x0b\x02"[..]),
            (b"av01", b"\x81\x00\x0c\x00", b"\x0a\x0b\x02\x00"),
            // The box's version and flags first, and without them.
            (b"vp09", b"\x01\x00\x00\x00\x00\x0a\x82\x02\x02", b"\x82\x49\x83\x42"),
            (b"vp09", b"\x00\x0a\x82\x02\x02", b"\x82\x49\x83\x42"),
        ] {
            for coded in [1, 3] {
                let tag = |first: u8, body: &[u8]| [&[first][..], four_cc, body].concat();
                arrives_unchanged(&[
                    (VIDEO, 0, tag(0x90, header)),
                    (VIDEO, 0, tag(0x90 | coded, picture)),
                    (VIDEO, 40, tag(0xa0 | coded, picture)),
                ])
                .await;
            }
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn all_forms_of_tracks_and_extensions_arrive_unchanged() {
    World::play(async {
        let nanoseconds = b"\x97\x02\x00\x00\x09";
        let two = b"\x00\x00\x00\x03one\x01\x00\x00\x03two";
        let long = [&b"\x97\xff\x00\xff"[..], &[0x55; 256], b"\x01hvc1\x00\x00\x00longest"].concat();
        arrives_unchanged(&[
            (VIDEO, 0, b"\x90hvc1\x01header".to_vec()),
            (VIDEO, 0, b"\x96\x00hvc1\x01\x01header".to_vec()),
            (AUDIO, 0, b"\x95\x00Opus\x00OpusHead".to_vec()),
            (VIDEO, 0, [&nanoseconds[..], b"\x01hvc1\x00\x00\x00picture"].concat()),
            (VIDEO, 0, b"\x96\x01hvc1\x01\x00\x00\x00other track".to_vec()),
            (VIDEO, 40, [&b"\xa6\x13hvc1"[..], two].concat()),
            (AUDIO, 45, [&b"\x95\x11Opus"[..], two].concat()),
            (VIDEO, 80, b"\xa6\x23hvc1\x00\x00\x00\x03onevp09\x01\x00\x00\x03two".to_vec()),
            (AUDIO, 85, b"\x97\x02\x00\x00\x09\x05\x01mp4a\x01sound".to_vec()),
            (VIDEO, 120, long),
        ])
        .await;
    })
    .await;
}

/// Each track is in order for itself, and one may be behind the other.
#[tokio::test(start_paused = true)]
async fn tracks_that_are_apart_in_time_arrive_unchanged() {
    World::play(async {
        for behind in [0, 5, 33, 200, 900] {
            let mut messages = vec![
                (VIDEO, 0, AVC_HEADER.to_vec()),
                (VIDEO, 0, b"\x96\x00hvc1\x01header".to_vec()),
                (AUDIO, 0, AAC_HEADER.to_vec()),
                (AUDIO, 0, b"\x95\x00mp4a\x01\x12\x10".to_vec()),
                (VIDEO, 0, picture(true, 0, 0)),
            ];
            for number in 1..100_u8 {
                let time = u32::from(number) * 33;
                messages.push((VIDEO, time, picture(false, 0, number)));
                messages.push((AUDIO, time, vec![0xaf, 1, number]));
                if let Some(time) = time.checked_sub(behind) {
                    messages.push((VIDEO, time, [&b"\xa6\x03hvc1\x01picture"[..], &[number]].concat()));
                    messages.push((AUDIO, time, [&b"\x95\x01mp4a\x01"[..], &[number]].concat()));
                }
            }
            arrives_unchanged(&messages).await;
        }
    })
    .await;
}

/// Older encoders write H.264 there whatever they send.
#[tokio::test(start_paused = true)]
async fn the_codec_is_what_is_sent_and_not_what_is_said_of_it() {
    World::play(async {
        let world = World::running(0);
        let mut caller = Caller::publish(&world).await;
        let array = [&b"\x08\x00\x00\x00\x01\x00\x0cvideocodecid"[..], &number(7.0), &[0, 0, 9]].concat();
        caller.send(DATA, 0, &[string("@setDataFrame"), string("onMetaData"), array].concat()).await;
        caller.send(VIDEO, 0, b"\x90hvc1\x01header").await;
        caller.send(VIDEO, 0, b"\x91hvc1\x00\x00\x00picture").await;
        world.until_true(|world| world.board.stream(STREAM).unwrap().video_frames == 1).await;
        assert_eq!(world.board.stream(STREAM).unwrap().facts.video_codec, Some("hevc"));
    })
    .await;
}

/// A target that comes later is given what the picture's colours mean, though some write it as of a
/// frame that would be a command to seek, and others as of no frame at all.
#[tokio::test(start_paused = true)]
async fn colours_are_given_to_newcomers_whatever_frame_they_are_said_to_be_of() {
    World::play(async {
        for first in [0xd4, 0x84, 0x94] {
            let colours = [&[first][..], b"hvc1\x02\x00\x09colorInfo\x03\x00\x00\x09"].concat();
            let newcomer = late_target_of(&[
                (VIDEO, 0, b"\x90hvc1\x01header".to_vec()),
                (VIDEO, 0, colours.clone()),
                (VIDEO, 0, b"\x91hvc1\x00\x00\x00picture".to_vec()),
                (VIDEO, 40, b"\xa1hvc1\x00\x00\x00picture".to_vec()),
            ])
            .await;
            assert_eq!(newcomer[1].2, colours, "{first:#x}");
        }
    })
    .await;
}

/// Their end is written as of a key frame, and its time says nothing.
#[tokio::test(start_paused = true)]
async fn the_end_of_pictures_is_no_place_to_begin_and_no_leap_in_time() {
    World::play(async {
        for [header, key, inter, end] in [
            [
                AVC_HEADER.to_vec(),
                picture(true, 0, 1),
                picture(false, 0, 2),
                b"\x17\x02\x00\x00\x00".to_vec(),
            ],
            [
                b"\x90hvc1\x01header".to_vec(),
                b"\x91hvc1\x00\x00\x00picture".to_vec(),
                b"\xa1hvc1\x00\x00\x00picture".to_vec(),
                b"\x92hvc1".to_vec(),
            ],
        ] {
            let messages =
                [(VIDEO, 0, header), (VIDEO, 0, key.clone()), (VIDEO, 4_000, inter), (VIDEO, 0, end.clone())];
            let got = relay(&messages).await;
            let (kind, time, payload) = got.last().unwrap();
            assert_eq!((*kind, *time, &payload[..]), (Kind::VideoEnd, 4_000, &end[..]));
            let newcomer = late_target_of(&messages).await;
            assert_eq!(newcomer[1].2, key, "it begins at the key frame");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_metadata_as_of_gstreamer_is_one_metadata_and_changes_nothing() {
    World::play(async {
        let metadata = |name: &str| {
            let array = [&b"\x08\x00\x00\x00\x01\x00\x07encoder"[..], &string(name), &[0, 0, 9]].concat();
            [string("@setDataFrame"), string("onMetaData"), array].concat()
        };
        let mut messages = vec![
            (DATA, 0, metadata("one")),
            (VIDEO, 0, AVC_HEADER.to_vec()),
            (AUDIO, 0, AAC_HEADER.to_vec()),
            (VIDEO, 0, picture(true, 0, 0)),
        ];
        for time in (20..2_000).step_by(20) {
            messages.push((DATA, time, metadata(if time < 1_000 { "one" } else { "two" })));
            messages.push((VIDEO, time, picture(false, 0, 1)));
        }
        let got = relay(&messages).await;
        let told: Vec<&Got> = got.iter().filter(|(kind, ..)| *kind == Kind::Metadata).collect();
        assert_eq!(told.len(), 2);
        assert!(told[0].2 == metadata("one") && told[1].2 == metadata("two"));
        let newcomer = late_target_of(&messages).await;
        let pictures = newcomer.iter().filter(|(kind, ..)| matches!(kind, Kind::VideoKey | Kind::VideoInter));
        assert_eq!(pictures.count(), 100, "the newest key frame is still kept");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn all_data_but_that_for_players_is_passed_on() {
    World::play(async {
        let data = |name: &str| [string(name), number(7.0)].concat();
        let kept = ["onTextData", "onCuePoint", "onCaptionInfo", "onFI", "@clearDataFrame"].map(data);
        let mut messages: Vec<Sent> = vec![(VIDEO, 0, AVC_HEADER.to_vec()), (VIDEO, 0, picture(true, 0, 1))];
        messages.push((DATA, 0, data("|RtmpSampleAccess")));
        messages.extend(kept.iter().map(|data| (DATA, 20, data.clone())));
        // The same in the framing of AMF3.
        messages.push((DATA_AMF3, 20, [&[0][..], &data("onTextData")].concat()));
        let got = relay(&messages).await;
        let got: Vec<_> = got[2..].iter().map(|(kind, _, payload)| (*kind, payload.to_vec())).collect();
        let expected: Vec<_> =
            kept.iter().chain([&data("onTextData")]).map(|data| (Kind::Data, data.clone())).collect();
        assert_eq!(got, expected);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn messages_that_are_put_together_in_one_are_passed_on_each() {
    World::play(async {
        let part = |kind: u8, time: u8, payload: &[u8]| {
            let length = u8::try_from(payload.len()).unwrap();
            let header = [kind, 0, 0, length, 0, 0, time, 0, 0, 0, 0];
            [&header[..], payload, &[0, 0, 0, 11 + length]].concat()
        };
        let together = [
            part(VIDEO, 50, &picture(true, 0, 1)),
            part(AUDIO, 57, &[0xaf, 1, 0x21]),
            part(VIDEO, 90, &picture(false, 0, 2)),
        ]
        .concat();
        let got = relay(&[
            (VIDEO, 1_000, AVC_HEADER.to_vec()),
            (AUDIO, 1_000, AAC_HEADER.to_vec()),
            (AGGREGATE, 1_000, together),
        ])
        .await;
        let times: Vec<(Kind, u32)> = got[2..].iter().map(|(kind, time, _)| (*kind, *time)).collect();
        assert_eq!(times, [(Kind::VideoKey, 0), (Kind::Audio, 7), (Kind::VideoInter, 40)]);
    })
    .await;
}

/// Publishes `messages`, and then adds a target; what that gets first.
async fn late_target_of(messages: &[Sent]) -> Vec<Got> {
    let mut world = World::running(1);
    let mut caller = Caller::publish(&world).await;
    for (kind, time, payload) in messages {
        caller.send(*kind, *time, payload).await;
    }
    world.until_true(|world| world.visits("t1").first().is_some_and(|visit| visit.tags.len() > 2)).await;
    world.targets().push(super::super::world::target(2));
    world.apply();
    world.until_true(|world| !world.visits("t2").is_empty()).await;
    // It is given what is kept as soon as it is there.
    caller.end().await;
    world.until_true(|world| world.visits("t2")[0].said_goodbye).await;
    world.visits("t2").remove(0).tags
}
