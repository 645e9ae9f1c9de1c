-- A tenant's events and their places go with it. A partition is emptied through its parent.
select underpin.purgeable('underpin.event'), underpin.purgeable('underpin.event_pending'),
    underpin.purgeable('underpin.topic_head'), underpin.purgeable('underpin.event_log');
