
/// Whether that mutant lives in this process, which the environment says; where mutants are counted, that the place was
/// reached.
#[doc(hidden)]
pub fn mutated(mutant: usize) -> bool {
    use std::sync::{
        Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    };
    static LIVES: OnceLock<usize> = OnceLock::new();
    static REACHED: OnceLock<Option<(Vec<AtomicBool>, Mutex<std::fs::File>)>> = OnceLock::new();
    let reached = REACHED.get_or_init(|| {
        let path = std::env::var_os("ESLABON_MUTANTS_REACHED")?;
        let file = std::fs::File::options().create(true).append(true).open(path).ok()?;
        Some(((0..100_000).map(|_| AtomicBool::new(false)).collect(), Mutex::new(file)))
    });
    if let Some((seen, file)) = reached
        && !seen[mutant].swap(true, Ordering::Relaxed)
        && let Ok(mut file) = file.lock()
    {
        let _ = std::io::Write::write_all(&mut *file, format!("{mutant}\n").as_bytes());
    }
    *LIVES.get_or_init(|| std::env::var("ESLABON_MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0)) == mutant
}
