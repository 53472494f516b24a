//! What can be done with tokens.

use super::super::desk::Control;
use super::super::error::Error;
use super::log_in::new_pass;
use super::{TOKEN_PREFIX, clock};
use crate::model::{ApiToken, MAX_TOKENS, Name, Pass, Scope, TokenId, UserId};

impl Control {
    /// All tokens, in the order they were made.
    pub fn tokens(&self) -> Vec<ApiToken> {
        self.access.book().tokens()
    }

    /// Makes a token, whose secret is known to nobody but who gets this answer.
    ///
    /// # Errors
    /// [`Error::Expired`], [`Error::TooManyTokens`], or `store::Error::Taken`.
    pub async fn create_token(
        &self,
        name: &Name,
        scope: Scope,
        made_by: Option<UserId>,
        expires_at: Option<i64>,
    ) -> Result<(ApiToken, Pass), Error> {
        if expires_at.is_some_and(|at| at <= clock::now()) {
            return Err(Error::Expired);
        }
        let pass = new_pass(TOKEN_PREFIX)?;
        let change = self.change_access().await?;
        if self.access.book().count_tokens() >= MAX_TOKENS {
            return Err(Error::TooManyTokens);
        }
        let known_by = (pass.digest(), &*pass.hint());
        let token = self.store.create_token(name, scope, known_by, made_by, expires_at).await?;
        change.enter(|book| book.enter_token(pass.digest(), token.clone()));
        tracing::info!(token = %token.id, scope = scope.as_str(), "token created");
        Ok((token, pass))
    }

    /// Ends a token.
    ///
    /// # Errors
    /// `store::Error::NoToken`.
    pub async fn delete_token(&self, id: TokenId) -> Result<(), Error> {
        let change = self.change_access().await?;
        self.store.delete_token(id).await?;
        change.enter(|book| book.strike_token(id));
        tracing::info!(token = %id, "token removed");
        Ok(())
    }
}
