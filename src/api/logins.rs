//! User names and passwords as they are asked for, of targets and of streams.

use super::error::Error;
use super::request::Fields;
use crate::control;
use crate::model::LoginPatch;
use crate::rtmp::auth::{Login, Password, User};
use crate::rtmp::url::Halves;
use crate::store;

/// A user name and its password, if there are any. What an address says counts where nothing else does.
pub(super) fn login(
    fields: &mut Fields,
    user: &'static str,
    password: &'static str,
    halves: Halves,
) -> Result<Option<Login>, Error> {
    let lacks = |error: store::Error| Err(Error::from(control::Error::from(error)));
    let given = (
        fields.nullable_text(user, User::parse)?.flatten().or(halves.user),
        fields.nullable_text(password, Password::parse)?.flatten().or(halves.password),
    );
    match given {
        (Some(user), Some(password)) => Ok(Some(Login { user, password })),
        (None, None) => Ok(None),
        (Some(_), None) => lacks(store::Error::NoPassword { field: password }),
        (None, Some(_)) => lacks(store::Error::NoUserName { field: user }),
    }
}

/// A change to a login. Null in place of either half is for none any more.
pub(super) fn login_patch(
    fields: &mut Fields,
    user: &str,
    password: &str,
    halves: Halves,
) -> Result<LoginPatch, Error> {
    let given = (fields.nullable_text(user, User::parse)?, fields.nullable_text(password, Password::parse)?);
    match given {
        (Some(None), Some(Some(_))) => Err(not_text(user)),
        (Some(Some(_)), Some(None)) => Err(not_text(password)),
        (Some(None), _) | (_, Some(None)) => Ok(LoginPatch::Clear),
        (user, password) => Ok(LoginPatch::Change {
            user: user.flatten().or(halves.user),
            password: password.flatten().or(halves.password),
        }),
    }
}

/// A field is null that may not be.
pub(super) fn not_text(name: &str) -> Error {
    Error::field(name, &format!("\"{name}\" must be text"))
}
