//! The Alibaba Cloud door.

mod errors;
mod events;
mod life;
mod network;
mod paging;
mod signatures;
mod sts;
