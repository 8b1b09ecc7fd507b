//! Documents as PDF, by LibreOffice.

use super::{Fault, Task, program, succeed, unwritten, version};
use crate::media::tools::Tools;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Where nobody listens: what a document links to outside is not fetched.
const NOWHERE: &str = "http://127.0.0.1:9";
/// Settings of a fresh profile: no macro runs, no link is followed.
const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"#;

/// Makes a PDF; answers program and version.
pub(super) fn read(task: &Task, tools: &Tools, out: &Path, limit: Duration) -> Result<String, Fault> {
    let profile = task.folder.join("profile/user");
    std::fs::create_dir_all(&profile).map_err(unwritten)?;
    std::fs::write(profile.join("registrymodifications.xcu"), SETTINGS).map_err(unwritten)?;
    let mut command = soffice(task, tools)?;
    command.args(["--convert-to", "pdf", "--outdir"]).arg(&task.folder).arg(&task.source);
    succeed(command, limit)?;
    // It names what it makes after the source, and succeeds also when it made nothing.
    let stem = task.source.file_stem().unwrap_or_default().to_string_lossy();
    std::fs::rename(task.folder.join(format!("{stem}.pdf")), out)
        .map_err(|error| Fault::new("文档不能转换为 PDF，可能已损坏。", format!("soffice made no PDF: {error}")))?;
    let mut command = soffice(task, tools)?;
    command.arg("--version");
    Ok(version(command, 2))
}

fn soffice(task: &Task, tools: &Tools) -> Result<Command, Fault> {
    let soffice = tools.soffice.as_ref().ok_or_else(|| Fault::missing("soffice"))?;
    let mut command = program(soffice, &task.folder);
    command.envs(["http_proxy", "https_proxy", "ftp_proxy"].map(|name| (name, NOWHERE)));
    command.arg(format!("-env:UserInstallation=file://{}", task.folder.join("profile").display()));
    command.args(["--headless", "--nologo", "--nodefault", "--norestore", "--nolockcheck"]);
    Ok(command)
}
