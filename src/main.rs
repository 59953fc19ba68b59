//! Arguments → command line or application.

#[cfg(feature = "app")]
fn main() -> anyhow::Result<()> {
    let files = std::env::args_os().skip(1).map(Into::into).collect();
    heapglass::ui::run(files, heapglass::ui::Options::default())
}

#[cfg(not(feature = "app"))]
fn main() {}
