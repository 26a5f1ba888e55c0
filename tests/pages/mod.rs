//! What people see, through the HTML.

mod calls;
mod consortia;
mod contracts;
mod declared;
mod diagnostics;
mod home;
mod matches;
mod meetings;
mod monitoring;
mod networks;
mod people;
mod plans;
mod programmes;
mod projects;
mod requirements;
mod runs;
mod safety;
mod security;
mod sessions;
mod tables;
mod talking;
mod together;
mod trail;
mod writing;
