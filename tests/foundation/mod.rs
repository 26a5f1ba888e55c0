//! What every stage stands on.

mod architecture;
mod audit;
mod commands;
mod database;
mod documented;
mod history;
mod http;
mod impartial;
mod jobs;
mod moves;
mod once;
mod operations;
mod reference;
mod security;
mod states;
