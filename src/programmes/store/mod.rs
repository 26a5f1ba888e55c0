//! What is kept of programmes, and who sees it.

pub mod calls;
mod consortia;
mod entities;
pub mod governance;
mod meetings;
mod members;
mod networks;
mod programmes;
pub mod projects;
mod selection;
mod waivers;

pub use consortia::{
    answer, ask, belonging_to, consortia_now, consortium_names, dissolve, find_consortium, form,
    list_consortia, ready_consortia, remove, speaks_for,
};
pub use meetings::{
    call, cancel_meeting, confirm_minutes, find_meeting, fulfil, list_meetings, meetings_and_promises,
    networks_of_meetings, write_minutes,
};
pub use members::{add_member, find_firm, is_member, list_members, members};
pub use networks::{
    add_lead_firm, assign_officer, change_network, close_network, create_network, find_network,
    forget_officer, list_networks, network_names, networks, officers, participants, unassign_officer,
    working_network,
};
pub use programmes::{
    change_rules, close, create, find, hold, list, moment, names, open, rules_version, rules_versions, seen,
    seen_by, today, zones,
};
pub use selection::{
    Decided, Entrance, apply, decide, entrances, exclude, find_membership, invite, leave, list_memberships,
    own_membership, own_refusal, reopen,
};
pub use waivers::{
    find_waiver, list_waivers, own_waivers, revoke_waiver, sign_waiver, waivers_in_force, waivers_until,
};
