//! Who is in which room, and how far each room was told.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use underpin_base::{TenantId, UserId};
use underpin_log::{Followed, Position, Topic};

use crate::{Error, Frame, Limits, Result, outbox::Outbox, tell::Tell};

/// A room: a topic of one tenant. There is no other way to name one.
pub(crate) type Key = (TenantId, Topic);
/// A connection of this process.
pub(crate) type Id = u64;

/// The connections of a process and their rooms. Nothing here waits.
#[derive(Debug, Default)]
pub(crate) struct Rooms {
    by_key: HashMap<Key, Room>,
    pub(crate) connections: HashMap<Id, Arc<Outbox>>,
    persons: HashMap<UserId, usize>,
    next: Id,
    /// Whether a service tells the rooms; without one a reader would wait in silence.
    pub(crate) open: bool,
    /// How often what waited for a reader was too much.
    pub(crate) overflows: u64,
}

#[derive(Debug, Default)]
struct Room {
    /// How far it was told; none until its first reader has looked where it stands.
    told: Option<Followed>,
    /// Counts the times at which something was missing: a reader that came before must not take what follows for all.
    breaks: u32,
    readers: HashMap<Id, Reader>,
}

#[derive(Debug)]
struct Reader {
    outbox: Arc<Outbox>,
    /// Up to where it reads by itself; none while it still does.
    from: Option<Position>,
}

/// What becomes of a reader who has read the log up to some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Release {
    /// From here on the room tells it.
    Live,
    /// The room is further.
    Behind,
    /// Something is missing; the room tells it from this place on.
    Resync(Position),
}

impl Rooms {
    pub(crate) fn connect(&mut self, outbox: &Arc<Outbox>, limits: &Limits) -> Result<Id> {
        if !self.open {
            return Err(Error::Closed);
        }
        if self.connections.len() >= limits.connections_max {
            return Err(Error::Full);
        }
        let person = outbox.holder.principal.subject;
        let of_person = self.persons.get(&person).copied().unwrap_or_default();
        if of_person >= limits.person_connections_max {
            return Err(Error::TooMany);
        }
        self.persons.insert(person, of_person + 1);
        self.next += 1;
        self.connections.insert(self.next, Arc::clone(outbox));
        Ok(self.next)
    }

    pub(crate) fn disconnect(&mut self, id: Id, topics: &[Topic]) {
        let Some(outbox) = self.connections.remove(&id) else { return };
        let principal = outbox.holder.principal;
        for topic in topics {
            self.leave(id, &(principal.tenant, topic.clone()));
        }
        if let Entry::Occupied(mut person) = self.persons.entry(principal.subject) {
            *person.get_mut() -= 1;
            if *person.get() == 0 {
                person.remove();
            }
        }
    }

    /// Enter a room, before anything is read; says how often the room was broken, and whether nobody knows yet where it stands.
    pub(crate) fn enter(&mut self, id: Id, key: &Key, outbox: &Arc<Outbox>) -> (u32, bool) {
        let room = self.by_key.entry(key.clone()).or_default();
        let reader = Reader { outbox: Arc::clone(outbox), from: None };
        room.readers.insert(id, reader);
        (room.breaks, room.told.is_none())
    }

    pub(crate) fn leave(&mut self, id: Id, key: &Key) {
        if let Some(room) = self.by_key.get_mut(key) {
            room.readers.remove(&id);
            if room.readers.is_empty() {
                self.by_key.remove(key);
            }
        }
    }

    /// Say where a room stands, unless somebody has.
    pub(crate) fn found(&mut self, key: &Key, head: Position) {
        if let Some(room) = self.by_key.get_mut(key) {
            let (tenant, topic) = key.clone();
            room.told.get_or_insert_with(|| Followed::new(tenant, topic, head));
        }
    }

    /// Let the room tell a reader from where it stands, whatever was before; says where that is.
    pub(crate) fn release_here(&mut self, id: Id, key: &Key) -> Position {
        let room = self.by_key.get_mut(key);
        let Some(room) = room else { return Position::START };
        let here = room.told.as_ref().map_or(Position::START, |told| told.after);
        if let Some(reader) = room.readers.get_mut(&id) {
            reader.from = Some(here);
        }
        here
    }

    /// Let the room tell a reader from a place, if that is where it stands.
    pub(crate) fn release_at(&mut self, id: Id, key: &Key, place: Position) -> bool {
        let Some(room) = self.by_key.get_mut(key) else { return false };
        let here = room.told.as_ref().is_some_and(|told| told.after == place);
        if here && let Some(reader) = room.readers.get_mut(&id) {
            reader.from = Some(place);
        }
        here
    }

    /// Let the room tell a reader who has read everything up to `read` and came when the room had been broken `breaks` times.
    pub(crate) fn release(&mut self, id: Id, key: &Key, read: Position, breaks: u32) -> Release {
        let Some(room) = self.by_key.get_mut(key) else { return Release::Behind };
        let told = room.told.as_ref().map_or(Position::START, |told| told.after);
        let known = |position: Position| position != Position::START;
        // Another life than the room knows: either may be the newer one, so nothing is taken for sure.
        let broken =
            room.breaks != breaks || (known(read) && known(told) && read.epoch != told.epoch);
        if broken {
            return Release::Resync(self.release_here(id, key));
        }
        if known(told) && (!known(read) || read.seq < told.seq) {
            return Release::Behind;
        }
        if let Some(reader) = room.readers.get_mut(&id) {
            reader.from = Some(read);
        }
        Release::Live
    }

    /// What is to be looked at: each room that has told anything or could.
    pub(crate) fn followed(&self) -> Vec<Followed> {
        self.by_key.values().filter_map(|room| room.told.clone()).collect()
    }

    /// Tell a room what is new; readers get what is for them, each once.
    ///
    /// Keeps: nothing waits; an entry of another tenant than the room's never gets here (see `Tell::of`).
    pub(crate) fn tell(&mut self, before: &Followed, news: &Tell) {
        let key = (before.tenant, before.topic.clone());
        let Some(room) = self.by_key.get_mut(&key) else { return };
        // The room was left and made anew meanwhile: it looks again from where it stands now.
        if room.told.as_ref() != Some(before) {
            return;
        }
        let (Tell::Frames(_, next) | Tell::Resync(next)) = news;
        for reader in room.readers.values_mut() {
            let Some(from) = reader.from else { continue };
            let lost = match news {
                Tell::Frames(frames, _) => {
                    let principal = &reader.outbox.holder.principal;
                    let theirs = frames.iter().filter(|(audience, frame)| {
                        let at = frame.position();
                        let read = at.epoch == from.epoch && at.seq <= from.seq;
                        !read && audience.allows(principal)
                    });
                    reader.outbox.push(theirs.map(|(_, frame)| frame))
                }
                Tell::Resync(next) => {
                    reader.from = Some(next.after);
                    let frame = Frame::Resync(key.1.clone(), next.after);
                    reader.outbox.push(std::iter::once(&frame))
                }
            };
            self.overflows += u64::from(lost);
        }
        room.breaks += u32::from(matches!(news, Tell::Resync(_)));
        room.told = Some(next.clone());
    }

    /// How many people hold a connection.
    pub(crate) fn persons(&self) -> usize {
        self.persons.len()
    }

    /// How many rooms have a reader.
    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }
}

#[cfg(test)]
mod tests {
    use underpin_base::{Principal, Role};
    use uuid::Uuid;

    use super::*;
    use crate::Holder;

    /// A room with one reader who reads history since the room stood at `told`.
    fn room(told: Position) -> (Rooms, Id, Key, u32) {
        let principal =
            Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Member };
        let outbox = Arc::new(Outbox::new(Holder { session: Uuid::nil(), principal }, 1_024));
        let mut rooms = Rooms { open: true, ..Rooms::default() };
        let id = rooms.connect(&outbox, &Limits::default()).unwrap();
        let key = (principal.tenant, Topic::named("funds"));
        let (breaks, unknown) = rooms.enter(id, &key, &outbox);
        assert!(unknown);
        rooms.found(&key, told);
        (rooms, id, key, breaks)
    }

    fn at(epoch: i64, seq: i64) -> Position {
        Position { epoch, seq }
    }

    #[test]
    fn a_reader_is_released_when_it_is_not_behind_its_room() {
        for (told, read, release) in [
            (at(3, 5), at(3, 5), Release::Live),
            (at(3, 5), at(3, 9), Release::Live),
            (at(3, 5), at(3, 4), Release::Behind),
            (at(3, 5), Position::START, Release::Behind),
            (Position::START, at(3, 4), Release::Live),
            (Position::START, Position::START, Release::Live),
            (at(3, 5), at(4, 5), Release::Resync(at(3, 5))),
        ] {
            let (mut rooms, id, key, breaks) = room(told);
            assert_eq!(rooms.release(id, &key, read, breaks), release, "{told} {read}");
        }
    }

    #[test]
    fn a_reader_that_came_before_something_went_missing_is_told_so() {
        let (mut rooms, id, key, breaks) = room(at(3, 5));
        let before = rooms.followed().remove(0);
        let after = Followed::new(key.0, key.1.clone(), at(3, 2));
        rooms.tell(&before, &Tell::Resync(after));
        // The number it has read stands higher, and means nothing any more.
        assert_eq!(rooms.release(id, &key, at(3, 5), breaks), Release::Resync(at(3, 2)));
    }

    #[test]
    fn news_for_where_a_room_no_longer_stands_are_not_told() {
        let (mut rooms, id, key, _) = room(at(3, 5));
        let before = Followed::new(key.0, key.1.clone(), at(3, 4));
        let after = Followed::new(key.0, key.1.clone(), at(3, 7));
        rooms.tell(&before, &Tell::Resync(after));
        assert_eq!(rooms.release_here(id, &key), at(3, 5));
    }
}
