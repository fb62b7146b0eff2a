//! Releases and vulnerabilities.

use super::{fact, *};
use crate::{Score, Version};

fact! {
    /// A release came out (SH-MAINT-02). A newer one of the same software supersedes it.
    ReleasePublished {
        /// The release.
        release: ReleaseId,
        /// The software, as feeds name it.
        software: String,
        /// Its version.
        version: Version,
        /// How it is offered.
        channel: ReleaseChannel,
    }
}

fact! {
    /// A fixed version of a vulnerable software came out (SH-SEC-01, A-24).
    FixReleased {
        /// The fix.
        fix: FixId,
        /// What it fixes.
        cve: VulnerabilityId,
        /// The software.
        software: String,
        /// The first version that holds the fix.
        version: Version,
        /// The vulnerability's base score.
        score: Score,
    }
}

fact! {
    /// A vulnerability of something in the inventory was published (MP-SC-SEC-01).
    CvePublished {
        /// The vulnerability.
        cve: VulnerabilityId,
        /// The software.
        software: String,
        /// Where that software sits.
        layer: Layer,
        /// The base score.
        score: Score,
    }
}

fact! {
    /// The provider opened an item for a vulnerability.
    CveItemOpened {
        /// The vulnerability.
        cve: VulnerabilityId,
    }
}

fact! {
    /// A vulnerability was remedied (MP-SC-SEC-02).
    CveRemediated {
        /// The vulnerability.
        cve: VulnerabilityId,
        /// How.
        method: RemedyMethod,
    }
}
