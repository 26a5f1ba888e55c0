"""Which sources are mutated, and which tests look at them."""

# The rules of the domain: what stages do with the database, with HTTP and with pages is not among them.
FILES = [
    "src/foundation/access.rs",
    "src/foundation/figure.rs",
    "src/foundation/money.rs",
    "src/foundation/moves.rs",
    "src/foundation/share.rs",
    "src/approvals/**/*.rs",
    "src/contracts/**/*.rs",
    "src/diagnostics/**/*.rs",
    "src/gaps/**/*.rs",
    "src/matching/**/*.rs",
    "src/monitoring/**/*.rs",
    "src/objections/**/*.rs",
    "src/plans/**/*.rs",
    "src/programmes/**/*.rs",
    "src/requirements/**/*.rs",
    "solver/src/check/**/*.rs",
]
NOT = ["**/api/**", "**/pages/**", "**/store/**", "**/api.rs", "**/pages.rs", "**/store.rs", "**/jobs/**", "**/jobs.rs",
       "**/tests.rs", "**/tests/**"]

# Crates' roots, where the switch stands.
ROOTS = {"src/": "src/lib.rs", "solver/src/": "solver/src/lib.rs"}

# Test programs, as (folder of the package, name of the target): unit tests first, as they take no time.
PROGRAMS = [("", "eslabon"), ("solver", "eslabon_solver"), ("solver", "trust"), ("", "main")]

# Of `main`, what is about other things, or takes minutes.
APART = ("running::", "tour::", "webhooks::", "trail::", "leaks::", "notices::", "personal::", "stories::",
         "foundation::", "exchange::", "approvals::masses::", "approvals::crowd::", "world::")


def looks_at(program, test):
    """Whether a test is among those that are asked. Of a test on both engines, the one on SQLite."""
    return program != "main" or not (test.startswith(APART) or test.endswith("::postgres"))
