fn main() {
    let mut out = portico::fault::Diagnostics::new();
    let files = portico::spec::load::load(&portico::spec::load::Tree::Disk, std::path::Path::new("config/demo.yaml"), &mut out);
    let t = std::time::Instant::now();
    let plan = portico::plan::compile::compile(&files, &mut out);
    println!("{}", out.render_plain());
    println!("{} errors, plan {}, {:?}", out.errors(), plan.is_some(), t.elapsed());
}
