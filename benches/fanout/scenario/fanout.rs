//! One stream to many targets.

use crate::affinity::Place;
use crate::contest;
use crate::contestant::Contestant;
use crate::footage::Pictures;
use crate::options::Common;
use crate::table;
use crate::trial::Trial;

pub(crate) fn run(targets: &[usize], rate: Option<f64>, common: &Common) {
    let usual = [Contestant::splitcast(), Contestant::FLOOR, Contestant::RECHUNK, Contestant::NginxRtmp];
    for &targets in targets {
        let is_crowd = targets >= CROWD;
        let megabits = rate.unwrap_or(if is_crowd { 2.5 } else { 6.0 });
        let frequency = if is_crowd { 30 } else { 60 };
        let pictures = Pictures { rate: (megabits * 1e6) as u64, frequency };
        let place = if is_crowd { Place::AllCpus } else { Place::OneCpu };
        let trial = Trial {
            place,
            coalesce_ms: common.coalesce,
            ..Trial::plain(1, targets, pictures, common.length())
        };
        let title = format!("1 stream of {megabits} Mb/s, {frequency} frames a second, to {targets} targets");
        table::print(&contest::hold(&title, &trial, &common.contestants(&usual), common.rounds));
    }
}

/// From so many targets on a relay needs more than one CPU.
const CROWD: usize = 500;
