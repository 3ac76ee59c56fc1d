//! The client credentials change: a refusal of those before is forgotten.

use super::*;

fn refused() -> Error {
    Error::new(Status::InvalidClient, "refused")
}

fn comparisons(scene: &Scene) -> u32 {
    scene.comparisons.load(Ordering::SeqCst)
}

/// The operator puts other credentials in place, which the server accepts.
fn rotate(scene: &Scene) {
    scene.credentials.fetch_add(1, Ordering::SeqCst);
    scene.fails_with(None);
}

#[test]
fn refused_credentials_are_compared_once_a_second_by_a_caller() {
    let (scene, cache) = cache(3600);
    scene.credentials.store(1, Ordering::SeqCst);
    scene.fails_with(Some(refused()));
    for (after_ms, expected) in [(0, 0), (900, 0), (100, 1), (0, 1), (999, 1), (1, 2), (5000, 3)] {
        scene.pass(Duration::from_millis(after_ms));
        assert_eq!(failed(&cache).status(), Status::InvalidClient);
        settle(&cache);
        assert_eq!(comparisons(&scene), expected, "{after_ms}");
    }
    assert_eq!(failed(&cache).retry_after(), Some(SECOND * 53));
    assert_eq!(scene.requests(), 1);
}

#[test]
fn a_refusal_lasts_no_longer_for_being_compared() {
    let (scene, cache) = cache(3600);
    scene.credentials.store(1, Ordering::SeqCst);
    scene.fails_with(Some(refused()));
    failed(&cache);
    for _ in 0..59 {
        scene.pass(SECOND);
        failed(&cache);
        settle(&cache);
    }
    assert_eq!(scene.requests(), 1);
    scene.pass(SECOND);
    failed(&cache);
    assert_eq!(scene.requests(), 2);
}

#[test]
fn a_refusal_is_forgotten_once_the_credentials_are_others() {
    let (scene, cache) = cache(3600);
    scene.credentials.store(1, Ordering::SeqCst);
    scene.fails_with(Some(refused()));
    failed(&cache);
    rotate(&scene);
    assert_eq!(failed(&cache).status(), Status::InvalidClient, "within the second");
    scene.pass(SECOND);
    assert_eq!(served(&cache), "token-2");
}

#[test]
fn credentials_that_cannot_change_are_not_compared() {
    let (scene, cache) = cache(3600);
    scene.fails_with(Some(refused()));
    failed(&cache);
    scene.pass(SECOND * 30);
    failed(&cache);
    assert_eq!((comparisons(&scene), scene.requests()), (0, 1));
}

#[test]
fn another_failure_is_not_compared() {
    let (scene, cache) = cache(3600);
    scene.credentials.store(1, Ordering::SeqCst);
    scene.fails_with(Some(Error::new(Status::InvalidScope, "")));
    failed(&cache);
    scene.pass(SECOND * 30);
    failed(&cache);
    assert_eq!((comparisons(&scene), scene.requests()), (0, 1));
}

#[test]
fn a_stale_token_is_refreshed_once_the_credentials_are_others() {
    let (scene, cache) = cache(3600);
    scene.credentials.store(1, Ordering::SeqCst);
    served(&cache);
    scene.pass(SECOND * 2900);
    scene.fails_with(Some(refused()));
    served(&cache);
    settle(&cache);
    assert_eq!((scene.requests(), comparisons(&scene)), (2, 0));
    for look in 1..=3 {
        scene.pass(SECOND);
        assert_eq!(served(&cache), "token-1");
        settle(&cache);
        assert_eq!((scene.requests(), comparisons(&scene)), (2, look));
    }
    rotate(&scene);
    scene.pass(SECOND);
    assert_eq!(served(&cache), "token-1");
    settle(&cache);
    assert_eq!(served(&cache), "token-3");
}

#[test]
fn a_read_of_a_stale_token_puts_the_next_comparison_off_no_further() {
    let (scene, cache) = cache(3600);
    scene.credentials.store(1, Ordering::SeqCst);
    served(&cache);
    scene.pass(SECOND * 2900);
    scene.fails_with(Some(refused()));
    for (after_ms, expected) in [(0, 0), (1000, 1), (500, 1), (500, 2)] {
        scene.pass(Duration::from_millis(after_ms));
        assert_eq!(served(&cache), "token-1");
        settle(&cache);
        assert_eq!(comparisons(&scene), expected, "{after_ms}");
    }
}

#[test]
fn replaced_credentials_forget_a_refusal_at_once() {
    let (scene, cache) = cache(3600);
    scene.fails_with(Some(refused()));
    failed(&cache);
    cache.replace_credentials(|scene| rotate(scene));
    assert_eq!(served(&cache), "token-2");
}

#[test]
fn replaced_credentials_forget_no_failure_of_the_network() {
    let (scene, cache) = cache(3600);
    scene.fails_with(Some(Error::new(Status::Connect, "").retryable()));
    failed(&cache);
    cache.replace_credentials(|scene| rotate(scene));
    assert_eq!(failed(&cache).status(), Status::Connect);
}

#[test]
fn replaced_credentials_hurry_no_refresh_that_the_network_failed() {
    let (scene, cache) = cache(3600);
    served(&cache);
    scene.pass(SECOND * 2900);
    scene.fails_with(Some(Error::new(Status::Connect, "").retryable()));
    served(&cache);
    settle(&cache);
    cache.replace_credentials(|scene| rotate(scene));
    served(&cache);
    settle(&cache);
    assert_eq!(scene.requests(), 2);
}

#[test]
fn replaced_credentials_leave_the_token_in_service() {
    let (scene, cache) = cache(3600);
    served(&cache);
    cache.replace_credentials(|scene| rotate(scene));
    assert_eq!(served(&cache), "token-1");
    assert_eq!(scene.requests(), 1);
}

#[test]
fn replaced_credentials_refresh_a_stale_token_whose_refresh_was_refused() {
    let (scene, cache) = cache(3600);
    served(&cache);
    scene.pass(SECOND * 2900);
    scene.fails_with(Some(refused()));
    served(&cache);
    settle(&cache);
    cache.replace_credentials(|scene| rotate(scene));
    assert_eq!(served(&cache), "token-1");
    settle(&cache);
    assert_eq!(served(&cache), "token-3");
}

#[test]
fn a_refusal_of_the_credentials_before_is_not_remembered() {
    let (scene, cache) = cache(3600);
    scene.fails_with(Some(refused()));
    let open = scene.close_gate();
    let waiter = {
        let cache = Arc::clone(&cache);
        thread::spawn(move || failed(&cache).status())
    };
    await_request(&scene);
    // The server refuses what was sent before.
    cache.replace_credentials(|_| ());
    open.send(()).unwrap();
    assert_eq!(waiter.join().unwrap(), Status::InvalidClient);
    *scene.gate.lock().unwrap() = None;
    scene.fails_with(None);
    assert_eq!(served(&cache), "token-2");
}
