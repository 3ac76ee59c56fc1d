//! A token that a resource refused is dropped.

use super::TokenCache;
use crate::Token;
use crate::client::world::World;
use crate::log::LogLevel;
use crate::sync::lock;

impl<W: World> TokenCache<W> {
    /// Drops the token in service if `is_meant`, unless that was done a short while ago.
    pub(in crate::client) fn invalidate(&self, is_meant: impl FnOnce(&Token) -> bool) {
        self.drop_if_meant(is_meant);
        self.deliver_pending_log();
    }

    fn drop_if_meant(&self, is_meant: impl FnOnce(&Token) -> bool) {
        let process = self.process_state();
        let mut state = lock(&process.state);
        let cached = self.cached.look();
        let Some(cached) = cached.as_ref().filter(|cached| is_meant(cached.token())) else {
            return;
        };
        let now = self.world.now();
        if state.back_off.heeds_invalidation(cached.age(now), now) {
            self.cached.put(None);
            self.note(&mut state, LogLevel::Info, || {
                "the token was invalidated; the next call fetches another".to_owned()
            });
        } else {
            self.note(&mut state, LogLevel::Warn, || {
                "the token was invalidated again too soon and stays in service; the resource may \
                 refuse every token"
                    .to_owned()
            });
        }
    }

    /// Drops whichever token is in service, and forgets what went wrong.
    pub(in crate::client) fn invalidate_whichever(&self) {
        {
            let process = self.process_state();
            let mut state = lock(&process.state);
            self.cached.put(None);
            state.back_off.clear();
            state.left = None;
            self.note(&mut state, LogLevel::Info, || {
                "the token was invalidated, and failures forgotten".to_owned()
            });
        }
        self.deliver_pending_log();
    }
}
