//! What is known of the platforms: the one place to correct it.
//!
//! Each entry says where its facts were read and when, and whose word they are. Facts only: no list was taken
//! over. An entry needs a name and, if there is one, an address; all else may be left to [`UNKNOWN`].
//! Pages where a key is shown are those that OBS Studio or several other programs send people to. The page's
//! words about a platform are in `web/src/locales`, by its `id`.

use super::Fact::{Limits as OfLimits, Server as OfServer};
use super::WordOf::{Obs, Others, Platform as Itself};
use super::{Fact, KeyLife, Limits, OnAir, Platform, Server, ServerFrom, Source, Standby, WordOf};
use crate::model::codec::{AudioCodec, VideoCodec};
use crate::model::intake::Tracks;
use crate::model::target::BackupPolicy;

pub(super) const PLATFORMS: &[Platform] = &[
    Platform {
        id: "youtube",
        name: "YouTube",
        domains: &["youtube.com"],
        // What marks the second server belongs to the application's name, not to the key.
        servers: &[
            Server {
                id: "auto",
                name: "Nearest",
                url: "rtmps://a.rtmps.youtube.com:443/live2",
                backup: both("rtmps://b.rtmps.youtube.com:443/live2?backup=1"),
            },
            Server {
                id: "plain",
                name: "Nearest, not encrypted",
                url: "rtmp://a.rtmp.youtube.com/live2",
                backup: both("rtmp://b.rtmp.youtube.com/live2?backup=1"),
            },
        ],
        key_page: Some("https://www.youtube.com/live_dashboard"),
        on_air: OnAir::AsSet,
        limits: Limits { key_frame_max_seconds: Some(4), ..rates(51_000, 160, 2) },
        codecs: &[VideoCodec::H264, VideoCodec::Hevc, VideoCodec::Av1],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[
            by(OfServer, Obs, OBS),
            by(OfLimits, Itself, "https://support.google.com/youtube/answer/2853702"),
            by(OfLimits, Obs, OBS),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "twitch",
        name: "Twitch",
        domains: &["twitch.tv", "ingest.global-contribute.live-video.net", "contribute.live-video.net"],
        // As they were in November 2026. Those of today are in its list.
        servers: &[
            server("auto", "Nearest", "rtmps://ingest.global-contribute.live-video.net:443/app"),
            server("plain", "Nearest, not encrypted", "rtmp://live.twitch.tv/app"),
            server("frankfurt", "Frankfurt", "rtmps://euc10.contribute.live-video.net:443/app"),
            server("ireland", "Ireland", "rtmps://euw10.contribute.live-video.net:443/app"),
            server("mumbai", "Mumbai", "rtmps://aps30.contribute.live-video.net:443/app"),
            server("ohio", "United States, Ohio", "rtmps://use20.contribute.live-video.net:443/app"),
            server("oregon", "United States, Oregon", "rtmps://usw20.contribute.live-video.net:443/app"),
            server("paris", "Paris", "rtmps://euw30.contribute.live-video.net:443/app"),
            server("sao-paulo", "São Paulo", "rtmps://sae10.contribute.live-video.net:443/app"),
            server("seoul", "Seoul", "rtmps://apn20.contribute.live-video.net:443/app"),
            server("singapore", "Singapore", "rtmps://aps10.contribute.live-video.net:443/app"),
            server("stockholm", "Stockholm", "rtmps://eun10.contribute.live-video.net:443/app"),
            server("sydney", "Sydney", "rtmps://aps20.contribute.live-video.net:443/app"),
            server("tokyo", "Tokyo", "rtmps://apn10.contribute.live-video.net:443/app"),
            server("virginia", "United States, Virginia", "rtmps://use10.contribute.live-video.net:443/app"),
        ],
        list: Some("https://ingest.twitch.tv/ingests"),
        key_page: Some("https://dashboard.twitch.tv/settings/stream"),
        // A second track of sound is what its recordings are made with.
        tracks: Tracks::AllAudio,
        limits: Limits { hours: Some(48), ..rates(6_000, 320, 2) },
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac],
        sources: &[
            by(OfServer, Obs, OBS),
            by(OfServer, Others, "https://ingest.twitch.tv/ingests"),
            by(OfLimits, Obs, OBS),
            by(
                OfLimits,
                Itself,
                "https://www.twitch.tv/creatorcamp/en/paths/going-live/broadcast-recommendations",
            ),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "facebook",
        name: "Facebook",
        domains: &["facebook.com"],
        servers: &[server("auto", "Nearest", "rtmps://live-api-s.facebook.com:443/rtmp")],
        key_page: Some("https://www.facebook.com/live/producer"),
        on_air: OnAir::ByHand,
        limits: Limits {
            key_frame_max_seconds: Some(4),
            hours: Some(8),
            lines: Some(1080),
            frame_rate: Some(60),
            ..rates(9_000, 256, 2)
        },
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac],
        sources: &[
            by(OfServer, Others, "https://github.com/datarhei/restreamer-ui"),
            by(OfLimits, Itself, "https://developers.facebook.com/docs/live-video-api/reference"),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "kick",
        name: "Kick",
        domains: &["kick.com", "fa723fc1b171.global-contribute.live-video.net"],
        servers: &[server(
            "auto",
            "Nearest",
            "rtmps://fa723fc1b171.global-contribute.live-video.net:443/app",
        )],
        server_from: ServerFrom::Account,
        key_page: Some("https://dashboard.kick.com/channel/stream"),
        limits: Limits { video_kbps: Some(8_000), key_frame_seconds: Some(2), ..NO_LIMITS },
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[
            by(OfServer, Others, "https://github.com/datarhei/restreamer/issues/523"),
            by(OfLimits, Others, "https://github.com/pelmentor/Restream_Plus"),
        ],
        ..UNKNOWN
    },
    Platform { id: "rtmp", name: "Custom RTMP", server_from: ServerFrom::Account, ..UNKNOWN },
    Platform { id: "rtmps", name: "Custom RTMPS", server_from: ServerFrom::Account, ..UNKNOWN },
    Platform {
        id: "tiktok",
        name: "TikTok",
        domains: &["tiktok.com", "tiktokcdn.com", "tiktokcdn-eu.com"],
        server_from: ServerFrom::Broadcast,
        key_page: Some("https://livecenter.tiktok.com/producer"),
        key_life: KeyLife::Broadcast,
        limits: Limits { video_kbps: Some(2_500), hours: Some(1), portrait: true, ..NO_LIMITS },
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[
            by(OfServer, Others, "https://github.com/Loukious/StreamLabsTikTokStreamKeyGenerator/issues/138"),
            by(OfLimits, Others, "https://xtreamcast.co/en/docs/multichannel-restream"),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "instagram",
        name: "Instagram",
        domains: &["instagram.com", "fbcdn.net"],
        server_from: ServerFrom::Broadcast,
        key_page: Some("https://www.instagram.com/live/producer/"),
        key_life: KeyLife::Broadcast,
        on_air: OnAir::ByHand,
        limits: Limits {
            hours: Some(4),
            lines: Some(720),
            frame_rate: Some(30),
            portrait: true,
            ..rates(6_000, 256, 2)
        },
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[
            by(OfServer, Others, "https://github.com/krsna1729/restream"),
            by(
                OfLimits,
                Others,
                "https://streamkite.live/guides/how-to-live-stream-a-pre-recorded-video-on-instagram.html",
            ),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "x",
        name: "X",
        domains: &["pscp.tv"],
        servers: &[
            server("us-east", "United States, Virginia", "rtmps://va.pscp.tv:443/x"),
            server("us-california", "United States, California", "rtmps://ca.pscp.tv:443/x"),
            server("us-oregon", "United States, Oregon", "rtmps://or.pscp.tv:443/x"),
            server("australia", "Australia", "rtmps://au.pscp.tv:443/x"),
            server("brazil", "Brazil", "rtmps://br.pscp.tv:443/x"),
            server("france", "France", "rtmps://fr.pscp.tv:443/x"),
            server("germany", "Germany", "rtmps://de.pscp.tv:443/x"),
            server("india", "India", "rtmps://in.pscp.tv:443/x"),
            server("ireland", "Ireland", "rtmps://ie.pscp.tv:443/x"),
            server("japan", "Japan", "rtmps://jp.pscp.tv:443/x"),
            server("korea", "Korea", "rtmps://kr.pscp.tv:443/x"),
            server("singapore", "Singapore", "rtmps://sg.pscp.tv:443/x"),
        ],
        key_page: Some("https://studio.x.com/producer/sources"),
        on_air: OnAir::ByHand,
        limits: Limits { frame_rate: Some(60), ..rates(12_000, 128, 3) },
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[
            by(OfServer, Obs, OBS),
            by(OfServer, Itself, "https://help.x.com/en/using-x/live-studio"),
            by(OfLimits, Obs, OBS),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "linkedin",
        name: "LinkedIn",
        domains: &["linkedin.com"],
        server_from: ServerFrom::Broadcast,
        key_page: Some("https://www.linkedin.com/video/golive/now/"),
        key_life: KeyLife::Broadcast,
        on_air: OnAir::ByHand,
        limits: Limits { lines: Some(720), frame_rate: Some(30), ..rates(3_500, 128, 2) },
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[
            by(
                OfServer,
                Itself,
                "https://learn.microsoft.com/en-us/linkedin/consumer/integrations/live-video/",
            ),
            by(OfLimits, Others, "https://help.syncwords.com/live/send-captions-to-linkedin-rtmp-608"),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "rumble",
        name: "Rumble",
        domains: &["rumble.com", "rmbl.ws"],
        server_from: ServerFrom::Broadcast,
        key_page: Some("https://studio.rumble.com/"),
        key_life: KeyLife::Broadcast,
        limits: Limits { video_kbps: Some(30_000), ..NO_LIMITS },
        sources: &[
            by(OfServer, Others, "https://github.com/datarhei/restreamer-ui"),
            by(OfLimits, Itself, "https://rumble.support/help/how-to-use-rumble-studios-direct-rtmp-feature"),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "trovo",
        name: "Trovo",
        domains: &["trovo.live"],
        servers: &[server("auto", "Nearest", "rtmp://livepush.trovo.live/live")],
        key_page: Some("https://studio.trovo.live/mychannel/stream"),
        limits: rates(9_000, 160, 2),
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[by(OfServer, Obs, OBS), by(OfLimits, Obs, OBS)],
        ..UNKNOWN
    },
    Platform {
        id: "dlive",
        name: "DLive",
        domains: &["dlive.tv"],
        servers: &[server("auto", "Nearest", "rtmp://stream.dlive.tv/live")],
        limits: rates(6_000, 160, 2),
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[by(OfServer, Obs, OBS), by(OfLimits, Obs, OBS)],
        ..UNKNOWN
    },
    Platform {
        id: "odysee",
        name: "Odysee",
        domains: &["odysee.com"],
        servers: &[server("auto", "Nearest", "rtmp://stream.odysee.com/live")],
        key_page: Some("https://odysee.com/$/livestream"),
        sources: &[by(OfServer, Itself, "https://github.com/OdyseeTeam/odysee-frontend")],
        ..UNKNOWN
    },
    Platform {
        id: "telegram",
        name: "Telegram",
        domains: &["rtmp.t.me"],
        server_from: ServerFrom::Account,
        on_air: OnAir::AsSet,
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[
            by(OfServer, Others, "https://github.com/AlexxIT/go2rtc"),
            by(OfLimits, Others, "https://github.com/AlexxIT/go2rtc"),
            by(OfServer, Itself, "https://core.telegram.org/method/phone.getGroupCallStreamRtmpUrl"),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "vk",
        name: "VK Video",
        domains: &["ovsu.okcdn.ru", "vk.com", "vkvideo.ru"],
        servers: &[server("auto", "Nearest", "rtmp://ovsu.okcdn.ru/input")],
        server_from: ServerFrom::Account,
        key_life: KeyLife::Broadcast,
        limits: Limits { video_kbps: Some(2_500), key_frame_seconds: Some(2), ..NO_LIMITS },
        codecs: &[VideoCodec::H264, VideoCodec::Hevc],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[
            by(OfServer, Others, "https://github.com/pelmentor/Restream_Plus"),
            by(OfLimits, Others, "https://github.com/pelmentor/Restream_Plus"),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "bilibili",
        name: "Bilibili",
        domains: &["bilivideo.com", "bilibili.com"],
        servers: &[
            Server {
                id: "auto",
                name: "Everywhere",
                url: "rtmp://live-push.bilivideo.com/live-bvc",
                backup: standby("rtmp://txy2.live-push.bilivideo.com/live-bvc"),
            },
            Server {
                id: "abroad",
                name: "Outside mainland China",
                url: "rtmp://bdy.live-push.bilivideo.com/live-bvc",
                backup: standby("rtmp://txy.live-push.bilivideo.com/live-bvc"),
            },
        ],
        key_page: Some("https://link.bilibili.com/p/center/index#/my-room/start-live"),
        on_air: OnAir::ByHand,
        codecs: &[VideoCodec::H264, VideoCodec::Hevc],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[by(OfServer, Obs, OBS), by(OfLimits, Obs, OBS)],
        ..UNKNOWN
    },
    Platform {
        id: "soop",
        name: "SOOP",
        domains: &["sooplive.co.kr"],
        servers: &[
            server("korea", "Korea", "rtmp://stream.sooplive.co.kr/app"),
            server("singapore", "Singapore", "rtmp://rtmp-sgp.sooplive.co.kr/app"),
            server("uk", "United Kingdom", "rtmp://rtmp-uk.sooplive.co.kr/app"),
            server("us-east", "United States, East", "rtmp://rtmp-esu.sooplive.co.kr/app"),
            server("us-west", "United States, West", "rtmp://rtmp-wsu.sooplive.co.kr/app"),
            server("brazil", "Brazil", "rtmp://rtmp-brz.sooplive.co.kr/app"),
        ],
        limits: rates(8_000, 192, 2),
        sources: &[by(OfServer, Obs, OBS), by(OfLimits, Obs, OBS)],
        ..UNKNOWN
    },
    Platform {
        id: "chzzk",
        name: "CHZZK",
        domains: &["lip2.navercorp.com"],
        servers: &[server("auto", "Nearest", "rtmp://global-rtmp.lip2.navercorp.com:8080/relay")],
        key_page: Some("https://studio.chzzk.naver.com/setting"),
        limits: Limits { lines: Some(1080), frame_rate: Some(60), no_b_frames: true, ..rates(8_000, 192, 1) },
        sources: &[by(OfServer, Obs, OBS), by(OfLimits, Obs, OBS)],
        ..UNKNOWN
    },
    Platform {
        id: "niconico",
        name: "niconico",
        domains: &["nicovideo.jp"],
        servers: &[server("auto", "Nearest", "rtmp://liveorigin.dlive.nicovideo.jp/live/input")],
        server_from: ServerFrom::Account,
        key_page: Some("https://live.nicovideo.jp/create"),
        key_life: KeyLife::Broadcast,
        on_air: OnAir::ByHand,
        limits: rates(5_808, 192, 2),
        sources: &[by(OfServer, Obs, OBS), by(OfLimits, Obs, OBS)],
        ..UNKNOWN
    },
    Platform {
        id: "picarto",
        name: "Picarto",
        domains: &["picarto.tv"],
        servers: &[
            server("auto", "Nearest", "rtmp://live.us.picarto.tv/golive"),
            server("dallas", "Dallas", "rtmp://live.us-dallas.picarto.tv/golive"),
            server("europe", "Europe", "rtmp://live.eu-west1.picarto.tv/golive"),
            server("los-angeles", "Los Angeles", "rtmp://live.us-losangeles.picarto.tv/golive"),
            server("miami", "Miami", "rtmp://live.us-miami.picarto.tv/golive"),
            server("new-york", "New York", "rtmp://live.us-newyork.picarto.tv/golive"),
        ],
        limits: Limits { video_kbps: Some(3_500), key_frame_seconds: Some(2), ..NO_LIMITS },
        sources: &[by(OfServer, Obs, OBS), by(OfLimits, Obs, OBS)],
        ..UNKNOWN
    },
    Platform {
        id: "mixcloud",
        name: "Mixcloud",
        domains: &["mixcloud.com"],
        servers: &[server("auto", "Nearest", "rtmp://rtmp.mixcloud.com/broadcast")],
        limits: Limits { lines: Some(720), frame_rate: Some(30), ..rates(6_000, 320, 2) },
        sources: &[by(OfServer, Obs, OBS), by(OfLimits, Obs, OBS)],
        ..UNKNOWN
    },
    Platform {
        id: "steam",
        name: "Steam",
        domains: &["steamcontent.com"],
        servers: &[server("auto", "Nearest", "rtmp://ingest-rtmp.broadcast.steamcontent.com/app")],
        key_page: Some("https://steamcommunity.com/broadcast/upload/"),
        limits: rates(7_000, 128, 2),
        sources: &[
            by(OfServer, Obs, OBS),
            by(OfServer, Itself, "https://partner.steamgames.com/doc/store/broadcast/setting_up"),
            by(OfLimits, Obs, OBS),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "vimeo",
        name: "Vimeo",
        domains: &["vimeo.com"],
        servers: &[server("auto", "Nearest", "rtmp://rtmp.cloud.vimeo.com/live")],
        server_from: ServerFrom::Account,
        key_page: Some("https://vimeo.com/manage/events"),
        key_life: KeyLife::Broadcast,
        on_air: OnAir::AsSet,
        limits: Limits { video_kbps: Some(5_000), key_frame_seconds: Some(2), hours: Some(12), ..NO_LIMITS },
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[
            by(OfServer, Obs, OBS),
            by(
                OfLimits,
                Itself,
                "https://help.vimeo.com/hc/en-us/articles/12426939452817-Recommended-network-configuration-for-streaming",
            ),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "restream",
        name: "Restream",
        domains: &["restream.io"],
        servers: &[
            server("auto", "Nearest", "rtmp://live.restream.io/live"),
            server("amsterdam", "Amsterdam", "rtmp://amsterdam.restream.io/live"),
            server("bangalore", "Bangalore", "rtmp://bangalore.restream.io/live"),
            server("chicago", "Chicago", "rtmp://chicago.restream.io/live"),
            server("dallas", "Dallas", "rtmp://dallas.restream.io/live"),
            server("frankfurt", "Frankfurt", "rtmp://frankfurt.restream.io/live"),
            server("hong-kong", "Hong Kong", "rtmp://hongkong.restream.io/live"),
            server("istanbul", "Istanbul", "rtmp://istanbul.restream.io/live"),
            server("london", "London", "rtmp://london.restream.io/live"),
            server("madrid", "Madrid", "rtmp://madrid.restream.io/live"),
            server("new-york", "New York", "rtmp://newyork.restream.io/live"),
            server("paris", "Paris", "rtmp://paris.restream.io/live"),
            server("sao-paulo", "São Paulo", "rtmp://saopaulo.restream.io/live"),
            server("seattle", "Seattle", "rtmp://seattle.restream.io/live"),
            server("seoul", "Seoul", "rtmp://seoul.restream.io/live"),
            server("singapore", "Singapore", "rtmp://singapore.restream.io/live"),
            server("sydney", "Sydney", "rtmp://sydney.restream.io/live"),
            server("tokyo", "Tokyo", "rtmp://tokyo.restream.io/live"),
            server("toronto", "Toronto", "rtmp://toronto.restream.io/live"),
        ],
        key_page: Some("https://restream.io/settings/streaming-setup"),
        limits: Limits { key_frame_seconds: Some(2), ..NO_LIMITS },
        sources: &[by(OfServer, Obs, OBS), by(OfLimits, Obs, OBS)],
        ..UNKNOWN
    },
    Platform {
        id: "castr",
        name: "Castr",
        domains: &["castr.io", "castr.com"],
        servers: &[
            server("auto", "Nearest", "rtmp://live.castr.io/static"),
            server("africa", "Africa, Johannesburg", "rtmp://southafrica.castr.io/static"),
            server("australia", "Australia, Sydney", "rtmp://au.castr.io/static"),
            server("brazil", "Brazil, São Paulo", "rtmp://br.castr.io/static"),
            server("chicago", "Chicago", "rtmp://cg.castr.io/static"),
            server("dallas", "Dallas", "rtmp://da.castr.io/static"),
            server("dubai", "Dubai", "rtmp://dubai.castr.io/static"),
            server("frankfurt", "Frankfurt", "rtmp://fr.castr.io/static"),
            server("hong-kong", "Hong Kong", "rtmp://hongkong.castr.io/static"),
            server("india", "India", "rtmp://in.castr.io/static"),
            server("london", "London", "rtmp://uk.castr.io/static"),
            server("los-angeles", "Los Angeles", "rtmp://la.castr.io/static"),
            server("new-york", "New York", "rtmp://ny.castr.io/static"),
            server("paris", "Paris", "rtmp://paris.castr.io/static"),
            server("singapore", "Singapore", "rtmp://sg.castr.io/static"),
            server("toronto", "Toronto", "rtmp://qc.castr.io/static"),
        ],
        key_page: Some("https://app.castr.com/"),
        limits: Limits { key_frame_seconds: Some(2), ..NO_LIMITS },
        sources: &[
            by(OfServer, Itself, "https://developers.castr.com/docs/create-livestream"),
            by(OfServer, Obs, OBS),
            by(OfLimits, Obs, OBS),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "cloudflare",
        name: "Cloudflare Stream",
        domains: &["live.cloudflare.com"],
        servers: &[server("auto", "Nearest", "rtmps://live.cloudflare.com:443/live")],
        key_page: Some("https://dash.cloudflare.com/?to=/:account/stream/inputs"),
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac],
        sources: &[
            by(OfServer, Itself, "https://developers.cloudflare.com/stream/stream-live/start-stream-live/"),
            by(OfLimits, Itself, "https://developers.cloudflare.com/stream/stream-live/start-stream-live/"),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "ivs",
        name: "Amazon IVS",
        domains: &["global-contribute.live-video.net"],
        server_from: ServerFrom::Account,
        key_page: Some("https://console.aws.amazon.com/ivs/"),
        limits: Limits { video_kbps: Some(8_500), key_frame_seconds: Some(2), ..NO_LIMITS },
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac],
        sources: &[
            by(
                OfServer,
                Itself,
                "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/streaming-config.html",
            ),
            by(
                OfLimits,
                Itself,
                "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/service-quotas.html",
            ),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "mux",
        name: "Mux",
        domains: &["mux.com"],
        servers: &[
            server("auto", "Nearest", "rtmps://global-live.mux.com:443/app"),
            server("plain", "Nearest, not encrypted", "rtmp://global-live.mux.com:5222/app"),
        ],
        key_page: Some("https://dashboard.mux.com/"),
        limits: Limits { hours: Some(12), ..rates(5_000, 160, 2) },
        sources: &[
            by(OfServer, Itself, "https://www.mux.com/docs/guides/configure-broadcast-software"),
            by(OfLimits, Obs, OBS),
            by(OfLimits, Itself, "https://www.mux.com/docs/changelog/set-duration-live-stream-event"),
        ],
        ..UNKNOWN
    },
    Platform {
        id: "dacast",
        name: "Dacast",
        domains: &["dacast.com"],
        server_from: ServerFrom::Account,
        key_page: Some("https://app.dacast.com/"),
        needs_login: true,
        limits: rates(7_000, 128, 1),
        codecs: &[VideoCodec::H264],
        audio_codecs: &[AudioCodec::Aac, AudioCodec::Mp3],
        sources: &[by(OfServer, Obs, OBS_DACAST), by(OfLimits, Obs, OBS)],
        ..UNKNOWN
    },
];

/// What is taken of a platform of which nothing is said.
const UNKNOWN: Platform = Platform {
    id: "",
    name: "",
    domains: &[],
    servers: &[],
    list: None,
    server_from: ServerFrom::List,
    key_page: None,
    key_life: KeyLife::Lasting,
    on_air: OnAir::ByPushing,
    needs_login: false,
    limits: NO_LIMITS,
    codecs: &[],
    audio_codecs: &[],
    tracks: Tracks::One,
    sources: &[],
};

const NO_LIMITS: Limits = Limits {
    video_kbps: None,
    audio_kbps: None,
    key_frame_seconds: None,
    key_frame_max_seconds: None,
    hours: None,
    lines: None,
    frame_rate: None,
    portrait: false,
    no_b_frames: false,
};

/// Video and sound in kbit/s, and seconds from key frame to key frame.
const fn rates(video: u32, audio: u32, key_frame: u8) -> Limits {
    Limits {
        video_kbps: Some(video),
        audio_kbps: Some(audio),
        key_frame_seconds: Some(key_frame),
        ..NO_LIMITS
    }
}

const fn server(id: &'static str, name: &'static str, url: &'static str) -> Server {
    Server { id, name, url, backup: None }
}

/// A second address that is fed together with the first.
const fn both(url: &'static str) -> Option<Standby> {
    Some(Standby { url, policy: BackupPolicy::Both })
}

/// A second address for when the first fails.
const fn standby(url: &'static str) -> Option<Standby> {
    Some(Standby { url, policy: BackupPolicy::Failover })
}

const fn by(of: Fact, word: WordOf, url: &'static str) -> Source {
    Source { of, url, word, checked: "2026-11" }
}

const OBS: &str =
    "https://github.com/obsproject/obs-studio/blob/master/plugins/rtmp-services/data/services.json";
const OBS_DACAST: &str =
    "https://github.com/obsproject/obs-studio/blob/master/plugins/rtmp-services/service-specific/dacast.c";
