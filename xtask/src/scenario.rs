//! What the demo can show: one of the complete examples each, with values that fit the sandbox's default world.

use clap::ValueEnum;

/// One system, or all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// A Dedicated cluster on AWS.
    #[default]
    Dedicated,
    /// A Starter cluster on AWS.
    StarterAws,
    /// An Essential cluster on Alibaba Cloud.
    EssentialAlicloud,
    /// Three Starter and Essential clusters on AWS, from two VPCs.
    Fleet,
    /// Each of these in turn.
    All,
}

impl Scenario {
    /// The single systems that this stands for.
    pub(crate) fn each(self) -> Vec<Self> {
        match self {
            Self::All => vec![Self::Dedicated, Self::StarterAws, Self::EssentialAlicloud, Self::Fleet],
            one => vec![one],
        }
    }

    /// The folder in `examples/`.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Dedicated | Self::All => "dedicated-aws",
            Self::StarterAws => "starter-aws",
            Self::EssentialAlicloud => "essential-alicloud",
            Self::Fleet => "fleet-aws",
        }
    }

    /// What it is, for a heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Dedicated | Self::All => "a Dedicated cluster on AWS",
            Self::StarterAws => "a Starter cluster on AWS",
            Self::EssentialAlicloud => "an Essential cluster on Alibaba Cloud",
            Self::Fleet => "three Starter and Essential clusters on AWS, from two VPCs",
        }
    }
}
