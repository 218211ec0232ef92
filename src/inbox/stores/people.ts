/** What belongs to a user beside the inbox. */
export interface PeopleStore {}
