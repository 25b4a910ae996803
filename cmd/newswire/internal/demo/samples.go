package demo

import "time"

// samples are the publishers whose articles never change.
func samples() []*site {
	return []*site{kitchen(), canal(), almanac(), commerce()}
}

// fixed is a site's News for a list that stays as it is.
func fixed(articles ...article) func() []article {
	return func() []article { return articles }
}

// on is a moment in UTC.
func on(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2026, month, day, hour, minute, 0, 0, time.UTC)
}
