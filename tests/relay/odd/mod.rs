//! Encoders that are not like others, and where each trap of RTMP that is known from the field has its
//! test. Without a path a test is in this folder; `src` stands for the tests beside the code.
//!
//! Handshake and session:
//!
//! | trap | tests |
//! |---|---|
//! | players check S1 for a digest unless its version is 0 | `src/rtmp/handshake`: `a_simple_client_is_echoed`, `a_digest_client_is_answered_with_digests_in_its_layout` |
//! | C2 is anything | `src/rtmp/handshake`: `any_second_block_is_accepted` |
//! | S0, S1 and S2 belong in one write | `the_answer_to_a_handshake_is_one_piece` |
//! | what follows C2 in its packet is not part of it | `what_comes_together_with_the_handshake_is_not_lost` |
//! | TLS, HTTP and RTMPE come to a plain port | `tests/captures.rs`: `strangers_are_refused_in_words` |
//! | the chunk size is told before the first long answer, and large | `src/rtmp/server`: `connect_is_answered_in_the_order_that_encoders_need` |
//! | encoders do not answer pings, and listen to nothing after publish | `who_publishes_is_told_what_came_and_nothing_else` |
//! | acknowledgements: at half the window, modulo 2^32 | `src/rtmp/connection`: `acknowledges_at_half_the_window_counting_from_the_first_byte`, `acknowledgements_wrap` |
//! | acknowledgements of targets mean nothing | `tests/faults/isolation.rs`: `targets_that_talk_nonsense_disturb_nobody` |
//!
//! Chunks:
//!
//! | trap | tests |
//! |---|---|
//! | extended times in continuations, left out or not | `src/rtmp/chunk`: `peers_may_leave_extended_timestamps_out_of_continuations`, `extended_timestamps_are_written_in_continuations`; `tests/interop/timestamps.rs` |
//! | an extended delta is a delta | `a_first_step_of_hours_is_the_beginning` |
//! | a header of nothing begins a message (FMLE, ffmpeg) | `a_header_of_nothing_goes_on_as_before`; we write none: `tests/interop/enhanced.rs` looks at each header |
//! | steps back as wrapped deltas (GStreamer) | `a_step_back_is_no_leap_ahead` |
//! | high channels are refused by some | we write none: `tests/interop/enhanced.rs`; we read them: `channels_of_any_number_are_taken` |
//! | a channel begins without a full header (librtmp) | `a_channel_may_begin_without_a_full_header` |
//! | memory for what was only declared | `src/rtmp/chunk`: `a_declared_length_costs_nothing`, `limits_hold` |
//! | a chunk size that changes within a message | `src/rtmp/chunk`: `a_new_chunk_size_holds_within_a_message` |
//! | the message stream is little-endian; unusual types end sessions elsewhere | `tests/interop/enhanced.rs` looks at each message |
//!
//! Commands:
//!
//! | trap | tests |
//! |---|---|
//! | the answer to publish goes on its message stream | `src/rtmp`: `publish_is_answered_on_the_stream_that_it_came_on` |
//! | media on stream 1 whatever was given (nginx-rtmp) | `media_on_another_message_stream_than_the_one_published_on_is_taken` |
//! | the first stream has to be 1 | `src/rtmp/server`: `the_first_message_stream_is_1` |
//! | servers that do not answer releaseStream, say onFCPublish first or bare, or close at once | `tests/captures.rs`: `every_servers_answers_are_understood`, `an_early_on_fc_publish_and_silence_are_no_success` |
//! | releaseStream and FCPublish both, in OBS's order | `src/rtmp/client`: `says_what_obs_says_in_its_order` |
//! | calls without numbers; the stream named by its key at the end (GStreamer) | `commands_without_numbers_as_of_gstreamer_are_answered_where_they_must_be` |
//! | the end of another stream | `a_stream_ends_by_its_name_alone_and_not_by_the_end_of_another` |
//! | the order of Haivision, `_checkbw` | `commands_in_the_order_of_haivision_are_answered` |
//! | commands in the framing of AMF3 | `commands_in_the_framing_of_amf3_are_answered` |
//! | `publish` on channel 3, 4 or 8 | `publish_is_taken_on_any_channel` |
//! | no flashVer, `tcurl`, odd addresses, more arguments | `whatever_else_connect_says_the_application_counts` |
//! | queries, slashes in them, `_definst_`, an empty name | `the_key_is_found_wherever_the_encoder_put_it` |
//! | a ghost holds the key | `tests/relay/ingest.rs`, `tests/faults/returns.rs`: each that vanishes is let in at its first try |
//! | a silent close makes encoders hammer; codes that OBS knows | `who_is_refused_is_told_why_before_the_connection_ends` |
//!
//! Media:
//!
//! | trap | tests |
//! |---|---|
//! | time 0 at the end (OBS); `17 02` is no key frame | `the_end_of_pictures_is_no_place_to_begin_and_no_leap_in_time` |
//! | a storm of metadata (GStreamer) | `a_storm_of_metadata_as_of_gstreamer_is_one_metadata_and_changes_nothing` |
//! | metadata tells another codec | `the_codec_is_what_is_sent_and_not_what_is_said_of_it` |
//! | payloads that make no sense (DJI), sound of no length | `odd_payloads_as_of_dji_arrive_unchanged` |
//! | OBS's second sound before 30.2 | `the_second_sound_of_old_obs_arrives_unchanged` |
//! | data in the framing of AMF3, data for players | `all_data_but_that_for_players_is_passed_on` |
//! | aggregate messages | `messages_that_are_put_together_in_one_are_passed_on_each` |
//! | negative composition times (Wirecast) | `negative_composition_times_as_of_wirecast_arrive_unchanged` |
//! | colours as of a seek command (ffmpeg) or of no frame (OBS) | `colours_are_given_to_newcomers_whatever_frame_they_are_said_to_be_of` |
//! | tracks are 5 in audio and 6 in video; three forms; ModEx of 256 bytes | `all_forms_of_tracks_and_extensions_arrive_unchanged` |
//! | AV1 without composition times, with temporal delimiters; VP9's box header | `variants_of_av1_and_vp9_arrive_unchanged` |
//! | HEVC as codec 12, AV1 as 13, Opus as 13 | `codecs_by_their_numbers_before_enhanced_rtmp_arrive_unchanged` |
//! | headers and a key frame after each reconnect, and after each encoder | `tests/interop/enhanced_outages.rs`, `tests/faults/outages.rs` |
//! | pictures that are left out up to a key frame, and sound that is not | `tests/relay/failures.rs`: `a_target_that_is_too_slow_keeps_the_sound_and_loses_pictures_that_are_counted` |
//! | bursts of an encoder (OBS on Windows) | `src/relay/ring`: `what_an_encoder_sends_all_at_once_makes_nobody_late` |

pub(super) mod caller;
mod chunks;
mod commands;
mod payloads;
