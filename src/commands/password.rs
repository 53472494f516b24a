//! A new password for who is locked out.

use std::path::Path;

use anyhow::{Context, bail};

use crate::control;
use crate::machine::terminal;
use crate::model::{Password, Role, User};
use crate::store::{self, Store};

/// Asks for a new password and gives it to somebody: to the only owner, unless they are named.
pub(super) async fn reset(data_dir: &Path, name: Option<&str>) -> anyhow::Result<String> {
    if !data_dir.join("splitcast.db").exists() {
        // Nobody wants a new one here.
        return Err(store::Error::NoDatabase { path: data_dir.to_owned() }.into());
    }
    let store = Store::open(data_dir).await?;
    let done = reset_in(&store, name).await;
    store.close().await;
    done
}

async fn reset_in(store: &Store, name: Option<&str>) -> anyhow::Result<String> {
    let users: Vec<User> = store.users().await?.into_iter().map(|kept| kept.user).collect();
    let user = choose(&users, name)?;
    let password = ask(user)?;
    store.change_password(user.id, &control::hash_password(&password)?, None).await?;
    Ok(format!(
        "{} has a new password, and all their sessions have ended.\nStart splitcast, and log in with it.\n",
        user.name.as_str()
    ))
}

fn choose<'a>(users: &'a [User], name: Option<&str>) -> anyhow::Result<&'a User> {
    let owners: Vec<&User> = users.iter().filter(|user| user.role == Role::Owner).collect();
    let names = owners.iter().map(|owner| owner.name.as_str()).collect::<Vec<_>>().join(", ");
    if owners.is_empty() && name.is_none() {
        bail!("there is no owner yet: start splitcast, and open the set-up link that it prints");
    }
    if let Some(name) = name {
        let named = users.iter().find(|user| user.name.as_str().eq_ignore_ascii_case(name.trim()));
        return named.with_context(|| match names.is_empty() {
            true => "nobody has this name".to_owned(),
            false => format!("nobody has this name: the owners are {names}"),
        });
    }
    match owners.as_slice() {
        [owner] => Ok(owner),
        _ => bail!("there are several owners, name one of them after reset-password: {names}"),
    }
}

fn ask(user: &User) -> anyhow::Result<Password> {
    let read = |question: &str| terminal::read_unseen(question).context("the password cannot be read");
    let first = read(&format!("New password for {}: ", user.name.as_str()))?;
    if terminal::is_there() && read("Once more: ")? != first {
        bail!("these are two different passwords: nothing was changed");
    }
    let password = Password::choose(first.expose());
    password.map_err(|error| anyhow::anyhow!("{error}: nothing was changed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Name, UserId};

    fn user(id: i64, name: &str, role: Role) -> User {
        User { id: UserId(id), name: Name::parse(name).unwrap(), role, created_at: 0, last_login_at: None }
    }

    #[test]
    fn the_only_owner_is_meant_unless_somebody_is_named() {
        let (ada, bob) = (user(1, "Ada", Role::Owner), user(2, "Bob", Role::Viewer));
        let one = [ada.clone(), bob];
        assert_eq!(choose(&one, None).unwrap().id, UserId(1));
        assert_eq!(choose(&one, Some(" bob")).unwrap().id, UserId(2));
        let why = |users: &[User], name| choose(users, name).unwrap_err().to_string();
        assert!(why(&one, Some("Eve")).ends_with("the owners are Ada"));
        assert!(why(&[ada, user(3, "Cyd", Role::Owner)], None).ends_with("Ada, Cyd"));
        assert!(why(&[], None).contains("set-up link"));
    }
}
