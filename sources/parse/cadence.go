package parse

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxTTL is the longest ttl that is believed. Longer ones are real, and always a mistake of units.
const maxTTL = 366 * 24 * time.Hour

// ttl reads the minutes of an RSS ttl.
func ttl(s string) time.Duration {
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || !(n > 0) {
		return 0
	}
	if n >= maxTTL.Minutes() {
		return maxTTL
	}
	return time.Duration(n * float64(time.Minute))
}

// skipHours reads hours of the day. RSS 0.91 counts them from 1 to 24, RSS 2.0 from 0 to 23; 24 is midnight in both.
func skipHours(hours []string) []int {
	var skip []int
	for _, h := range hours {
		n, err := strconv.Atoi(strings.TrimSpace(h))
		if err == nil && n >= 0 && n <= 24 {
			skip = append(skip, n%24)
		}
	}
	slices.Sort(skip)
	return slices.Compact(skip)
}

// skipDays reads English names of days.
func skipDays(days []string) []time.Weekday {
	var skip []time.Weekday
	for _, name := range days {
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.EqualFold(strings.TrimSpace(name), d.String()) {
				skip = append(skip, d)
			}
		}
	}
	slices.Sort(skip)
	return slices.Compact(skip)
}

// period is the time between two updates in the terms of the RSS 1.0 syndication module, whose defaults are daily and
// once. It is zero where neither was said.
func period(updatePeriod, updateFrequency string) time.Duration {
	if updatePeriod == "" && updateFrequency == "" {
		return 0
	}
	day := 24 * time.Hour
	unit, known := map[string]time.Duration{
		"": day, "hourly": time.Hour, "daily": day, "weekly": 7 * day, "monthly": 30 * day, "yearly": 365 * day,
	}[strings.ToLower(strings.TrimSpace(updatePeriod))]
	if !known {
		return 0
	}
	times, err := strconv.Atoi(strings.TrimSpace(updateFrequency))
	if err != nil || times < 1 {
		times = 1
	}
	return unit / time.Duration(times)
}
