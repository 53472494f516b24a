//! What is done to a data folder as a whole.

use std::path::Path;

use crate::store;

/// Copies the database.
pub(super) async fn backup(data_dir: &Path, file: &Path, with_key: bool) -> anyhow::Result<String> {
    store::backup(data_dir, file, with_key).await?;
    let (folder, file) = (data_dir.display(), file.display());
    Ok(match with_key {
        true => format!(
            "Backed up {folder} to {file}, and its key file to {file}.key.\n\
             Who has both can read every stream key: keep them where nobody else can.\n"
        ),
        false => format!(
            "Backed up {folder} to {file}.\n\
             It can be used only with {folder}/splitcast.key: keep a copy of that file, in another place.\n"
        ),
    })
}

/// Puts a copy in the database's place.
pub(super) async fn restore(data_dir: &Path, file: &Path) -> anyhow::Result<String> {
    let restored = store::restore(data_dir, file).await?;
    let mut said = format!(
        "Restored {} to {}: {}, {}.\n",
        file.display(),
        data_dir.display(),
        count(restored.streams, "stream"),
        count(restored.targets, "target"),
    );
    if let Some(former) = restored.former {
        said += &format!("The former database is kept as {}.\n", former.display());
    }
    if let Some(former) = restored.former_key {
        said += &format!("The former key file is kept as {}.\n", former.display());
    }
    said += "Start splitcast to use it.\n";
    Ok(said)
}

/// Seals everything with another key.
pub(super) async fn rotate_keys(data_dir: &Path) -> anyhow::Result<String> {
    let rotated = store::rotate_keys(data_dir).await?;
    let mut said = format!(
        "There is a new key file, {}/splitcast.key, and {} sealed with it. Stream keys stay as they are.\n\
         The former key file is kept as {}: backups made until now need it. Delete it when they are gone.\n",
        data_dir.display(),
        match rotated.values {
            1 => "1 value is".to_owned(),
            values => format!("{values} values are"),
        },
        rotated.former.display(),
    );
    if !rotated.is_clean {
        said += "The database could not be cleaned of what the former key opens: free some space on its disk \
                 and change keys once more.\n";
    }
    said += "Next: splitcast backup FILE, and a copy of the new key file.\n";
    Ok(said)
}

fn count(number: u64, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}
