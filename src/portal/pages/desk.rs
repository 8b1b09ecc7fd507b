//! `/desk`: leads everybody to where their work is.

use crate::domain::access::Role;
use crate::portal::Rooms;
use crate::portal::form::onward;
use crate::portal::frame::Person;
use axum::Router;
use axum::response::Response;
use axum::routing::get;

pub(super) fn routes() -> Router<Rooms> {
    Router::new().route("/desk", get(desk))
}

async fn desk(person: Person) -> Response {
    use Role as R;
    let places: [(&[Role], &str); 6] = [
        (&[R::Reviewer], "/reviews"),
        (&[R::Committee], "/decisions"),
        (&[R::Editor], "/screening"),
        (&[R::EthnicAffairs], "/countersigns"),
        (&[R::Contributor, R::Manager, R::Auditor, R::Administrator], "/submissions"),
        (&[R::Learner], "/learn"),
    ];
    onward(places.into_iter().find(|(roles, _)| person.is(roles)).map_or("/notices", |(_, place)| place))
}
