//! Who may use the relay, as known at the moment.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::Caller;
use crate::model::{Actor, ApiToken, PassDigest, Role, Scope, Session, SessionId, TokenId, User, UserId};
use crate::store::{KeptSession, KeptToken, KeptUser};

/// Everybody, with their sessions and tokens.
#[derive(Default)]
pub(super) struct Book {
    users: BTreeMap<UserId, KeptUser>,
    sessions: HashMap<PassDigest, Session>,
    tokens: HashMap<PassDigest, ApiToken>,
    /// How many sessions could not be stored.
    unstored: i64,
    /// Sessions and tokens that were used since that was last written down.
    used_sessions: HashSet<SessionId>,
    used_tokens: HashSet<TokenId>,
}

/// What is to be written down about sessions and tokens.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    /// When sessions were last used.
    pub(super) sessions: Vec<(SessionId, i64)>,
    /// When tokens were.
    pub(super) tokens: Vec<(TokenId, i64)>,
    /// Sessions that have ended by themselves.
    pub(super) ended: Vec<SessionId>,
}

impl Book {
    /// What the store says, but for uses that are not written down yet.
    pub(super) fn read_anew(
        &mut self,
        users: Vec<KeptUser>,
        sessions: Vec<KeptSession>,
        tokens: Vec<KeptToken>,
    ) {
        self.users = users.into_iter().map(|kept| (kept.user.id, kept)).collect();
        let before = std::mem::take(&mut self.sessions);
        let unstored = before.iter().filter(|(_, session)| session.id.0 < 0);
        let unstored: Vec<_> = unstored.map(|(digest, session)| (*digest, session.clone())).collect();
        self.sessions = sessions
            .into_iter()
            .map(|KeptSession { mut session, digest }| {
                let seen_at = before.get(&digest).map_or(session.seen_at, |known| known.seen_at);
                session.seen_at = session.seen_at.max(seen_at);
                (digest, session)
            })
            .chain(unstored)
            .collect();
        let before = std::mem::take(&mut self.tokens);
        self.tokens = tokens
            .into_iter()
            .map(|KeptToken { mut token, digest }| {
                let used_at = before.get(&digest).and_then(|known| known.last_used_at);
                token.last_used_at = token.last_used_at.max(used_at);
                (digest, token)
            })
            .collect();
    }

    /// Whether there is somebody who may do everything.
    pub(super) fn has_owner(&self) -> bool {
        self.users.values().any(|kept| kept.user.role == Role::Owner)
    }

    /// Whether nobody else may do everything.
    pub(super) fn is_last_owner(&self, id: UserId) -> bool {
        let others = |kept: &&KeptUser| kept.user.role == Role::Owner && kept.user.id != id;
        self.user(id).is_some_and(|user| user.role == Role::Owner)
            && !self.users.values().any(|kept| others(&kept))
    }

    /// Everybody, in the order they came.
    pub(super) fn users(&self) -> Vec<User> {
        self.users.values().map(|kept| kept.user.clone()).collect()
    }

    pub(super) fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id).map(|kept| &kept.user)
    }

    pub(super) fn kept_user(&self, id: UserId) -> Option<&KeptUser> {
        self.users.get(&id)
    }

    /// Who logs in with this name. SQLite, too, knows the case of these letters only.
    pub(super) fn user_called(&self, name: &str) -> Option<&KeptUser> {
        self.users.values().find(|kept| kept.user.name.as_str().eq_ignore_ascii_case(name))
    }

    pub(super) fn enter_user(&mut self, kept: KeptUser) {
        self.users.insert(kept.user.id, kept);
    }

    pub(super) fn change_user(&mut self, id: UserId, change: impl FnOnce(&mut KeptUser)) {
        if let Some(kept) = self.users.get_mut(&id) {
            change(kept);
        }
    }

    /// Strikes somebody out, with all that hangs on them.
    pub(super) fn strike_user(&mut self, id: UserId) {
        self.users.remove(&id);
        self.sessions.retain(|_, session| session.user != id);
        self.tokens.retain(|_, token| token.made_by != Some(id));
    }

    pub(super) fn enter_session(&mut self, digest: PassDigest, session: Session, most: usize) {
        let user = session.user;
        self.sessions.insert(digest, session);
        let surplus: Vec<SessionId> =
            self.sessions_of(user).into_iter().skip(most).map(|session| session.id).collect();
        self.sessions.retain(|_, session| !surplus.contains(&session.id));
    }

    /// The number of a session that could not be stored: below all that can.
    pub(super) fn next_unstored(&mut self) -> SessionId {
        self.unstored -= 1;
        SessionId(self.unstored)
    }

    /// Somebody's sessions, newest first.
    pub(super) fn sessions_of(&self, user: UserId) -> Vec<Session> {
        let own = self.sessions.values().filter(|session| session.user == user);
        let mut own: Vec<Session> = own.cloned().collect();
        own.sort_unstable_by_key(|session| Reverse((session.created_at, session.id)));
        own
    }

    pub(super) fn strike_session(&mut self, id: SessionId) {
        self.sessions.retain(|_, session| session.id != id);
    }

    /// Ends somebody's sessions but for the one to keep.
    pub(super) fn strike_sessions_of(&mut self, user: UserId, keep: Option<SessionId>) {
        self.sessions.retain(|_, session| session.user != user || Some(session.id) == keep);
    }

    /// All tokens, in the order they were made.
    pub(super) fn tokens(&self) -> Vec<ApiToken> {
        let mut tokens: Vec<ApiToken> = self.tokens.values().cloned().collect();
        tokens.sort_unstable_by_key(|token| token.id);
        tokens
    }

    pub(super) fn count_tokens(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn enter_token(&mut self, digest: PassDigest, token: ApiToken) {
        self.tokens.insert(digest, token);
    }

    pub(super) fn strike_token(&mut self, id: TokenId) {
        self.tokens.retain(|_, token| token.id != id);
    }

    /// Whose session this is, which counts as using it.
    pub(super) fn by_session(&mut self, digest: &PassDigest, now: i64) -> Option<Caller> {
        let session = self.sessions.get_mut(digest).filter(|session| goes_on(session, now))?;
        let user = &self.users.get(&session.user)?.user;
        session.seen_at = now;
        self.used_sessions.insert(session.id);
        let actor = Actor::User { id: user.id, name: user.name.as_str().to_owned(), session: session.id };
        Some(Caller { actor, scope: user.role.scope() })
    }

    /// What this token allows, which counts as using it.
    pub(super) fn by_token(&mut self, digest: &PassDigest, now: i64) -> Option<Caller> {
        let token = self.tokens.get_mut(digest)?;
        if token.expires_at.is_some_and(|at| at <= now) {
            return None;
        }
        let bound = match token.made_by {
            Some(maker) => self.users.get(&maker)?.user.role.scope(),
            None => Scope::Admin,
        };
        token.last_used_at = Some(now);
        self.used_tokens.insert(token.id);
        let actor = Actor::Token { id: token.id, name: token.name.as_str().to_owned() };
        Some(Caller { actor, scope: token.scope.min(bound) })
    }

    /// What is to be written down.
    pub(super) fn take_uses(&mut self, now: i64) -> Uses {
        let ended: Vec<SessionId> = self
            .sessions
            .values()
            .filter(|session| !goes_on(session, now))
            .map(|session| session.id)
            .collect();
        self.sessions.retain(|_, session| goes_on(session, now));
        let used = std::mem::take(&mut self.used_sessions);
        let sessions = self.sessions.values().filter(|session| used.contains(&session.id));
        let sessions = sessions.map(|session| (session.id, session.seen_at)).collect();
        let used = std::mem::take(&mut self.used_tokens);
        let tokens = self.tokens.values().filter(|token| used.contains(&token.id));
        let tokens = tokens.filter_map(|token| Some((token.id, token.last_used_at?))).collect();
        Uses { sessions, tokens, ended }
    }

    /// Takes back what could not be written down.
    pub(super) fn give_back(&mut self, uses: Uses) {
        self.used_sessions.extend(uses.sessions.into_iter().map(|(id, _)| id));
        self.used_tokens.extend(uses.tokens.into_iter().map(|(id, _)| id));
    }
}

impl Uses {
    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.tokens.is_empty() && self.ended.is_empty()
    }
}

fn goes_on(session: &Session, now: i64) -> bool {
    now < session.created_at.saturating_add(LONGEST) && now < session.seen_at.saturating_add(IDLE)
}

/// How long a session lasts at most, in seconds.
const LONGEST: i64 = 7 * 24 * 3600;

/// How long a session lasts while nobody uses it, in seconds.
const IDLE: i64 = 12 * 3600;
