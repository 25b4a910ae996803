package date

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var (
	offsetForm = regexp.MustCompile(`^(?:utc|gmt|z)? ?([+-]) ?(\d{1,2}):?(\d{2})?(?: .*)?$`)

	// unsignedOffset is an offset whose plus sign was lost, as it is in an address.
	unsignedOffset = regexp.MustCompile(`^(0\d|1[0-4]):?(00|15|30|45)$`)

	// offsetBeside is an offset beside a name: CEST+0200, +02:00[Europe/Paris]. The offset says more.
	offsetBeside = regexp.MustCompile(`^(?:[a-z]{3,5} ?)?([+-]\d{2}:?\d{2})(?:\[.*)?$`)
)

// maxOffset bounds, in seconds, how far a zone is from UTC: none is further than 14 hours.
const maxOffset = 15 * 3600

// zoneOf finds the zone that is written behind a time. The clock decides where a name stands for summer and winter
// alike. The error wraps [ErrNotDate].
func zoneOf(zone string, loc *time.Location, c *clock) (*time.Location, error) {
	zone = strings.Trim(strings.TrimSpace(zone), "()[]")
	if zone == "" {
		return loc, nil
	}
	if m := offsetBeside.FindStringSubmatch(zone); m != nil {
		zone = m[1]
	}
	if m := offsetForm.FindStringSubmatch(zone); m != nil {
		seconds := number(m[2])*3600 + number(m[3])*60
		if m[1] == "-" {
			seconds = -seconds
		}
		if max(seconds, -seconds) > maxOffset {
			return nil, fmt.Errorf("%w: no zone has the offset %s", ErrNotDate, zone)
		}
		return time.FixedZone("", seconds), nil
	}
	if m := unsignedOffset.FindStringSubmatch(zone); m != nil {
		return zoneOf("+"+m[1]+m[2], loc, c)
	}
	name := strings.TrimSuffix(strings.ToUpper(zone), ".")
	if abbreviation, offset := usedIn(loc, c, name); abbreviation {
		return time.FixedZone(name, offset), nil
	}
	if hours, ok := zoneOffsets[name]; ok {
		return time.FixedZone(name, int(hours*3600)), nil
	}
	if region := regions[name]; region != "" {
		return loadZone(region)
	}
	if before, _, cut := strings.Cut(name, " "); cut && zoneOffsets[before] != 0 || before == "UTC" || before == "GMT" {
		return zoneOf(before, loc, c)
	}
	if strings.Contains(zone, "/") && len(zone) < 40 {
		return loadZone(properName(zone))
	}
	return nil, fmt.Errorf("%w: unknown time zone %q", ErrNotDate, excerpt(name))
}

// usedIn says whether an abbreviation is used in a location around a time, and for which offset.
func usedIn(loc *time.Location, c *clock, name string) (used bool, offset int) {
	for _, month := range []time.Month{c.month, time.January, time.July} {
		abbreviation, offset := time.Date(c.year, month, 15, 12, 0, 0, 0, loc).Zone()
		if abbreviation == name {
			return true, offset
		}
	}
	return false, 0
}

// loadZone finds a zone in the time zone database.
func loadZone(name string) (*time.Location, error) {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%w: unknown time zone %q", ErrNotDate, excerpt(name))
	}
	return loc, nil
}

// properName writes a zone's name as the time zone database does: Asia/Ho_Chi_Minh, America/Port-au-Prince, Etc/UTC.
func properName(zone string) string {
	var b strings.Builder
	for len(zone) > 0 {
		end := strings.IndexAny(zone, "/_-+")
		if end < 0 {
			end = len(zone) - 1
		}
		word := strings.ToLower(zone[:end+1])
		name := strings.TrimRight(word, "/_-+")
		switch spelling, irregular := zoneWords[name]; {
		case irregular:
			word = spelling + word[len(name):]
		case name != "":
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		b.WriteString(word)
		zone = zone[end+1:]
	}
	return b.String()
}

// zoneWords are the words of zones' names that do not begin with a capital letter, or have more of them.
var zoneWords = map[string]string{
	"au": "au", "of": "of", "es": "es", "utc": "UTC", "gmt": "GMT", "uct": "UCT", "nsw": "NSW", "act": "ACT", "lhi": "LHI",
	"mcmurdo": "McMurdo", "dumontdurville": "DumontDUrville", "easterisland": "EasterIsland", "bajanorte": "BajaNorte", "bajasur": "BajaSur",
}

// regions are the names that do not tell summer from winter.
var regions = map[string]string{
	"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles",
	"EASTERN TIME": "America/New_York", "EASTERN STANDARD TIME": "America/New_York", "EASTERN DAYLIGHT TIME": "America/New_York",
	"CENTRAL TIME": "America/Chicago", "CENTRAL STANDARD TIME": "America/Chicago", "CENTRAL DAYLIGHT TIME": "America/Chicago",
	"MOUNTAIN TIME": "America/Denver", "MOUNTAIN STANDARD TIME": "America/Denver", "MOUNTAIN DAYLIGHT TIME": "America/Denver",
	"PACIFIC TIME": "America/Los_Angeles", "PACIFIC STANDARD TIME": "America/Los_Angeles", "PACIFIC DAYLIGHT TIME": "America/Los_Angeles",
	"CENTRAL EUROPEAN TIME": "Europe/Berlin", "CENTRAL EUROPEAN STANDARD TIME": "Europe/Berlin", "CENTRAL EUROPEAN SUMMER TIME": "Europe/Berlin",
	"GREENWICH MEAN TIME": "UTC", "COORDINATED UNIVERSAL TIME": "UTC", "BRITISH SUMMER TIME": "Europe/London",
	"INDIA STANDARD TIME": "Asia/Kolkata", "CHINA STANDARD TIME": "Asia/Shanghai", "JAPAN STANDARD TIME": "Asia/Tokyo",
	"AT": "America/Halifax", "AKT": "America/Anchorage", "UK": "Europe/London",
}

// zoneOffsets are the hours by which zones are ahead of UTC, by the meaning that an abbreviation has most often.
// RFC 822's single letters but Z had their signs confused, and say nothing (RFC 2822 §4.3): they are left out.
var zoneOffsets = map[string]float64{
	"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "ZULU": 0,
	"BST": 1, "CET": 1, "MEZ": 1, "MET": 1, "WAT": 1, "WEST": 1,
	"CAT": 2, "CEST": 2, "EET": 2, "IDT": 3, "MESZ": 2, "MEST": 2, "SAST": 2,
	"AST": -4, "EAT": 3, "EEST": 3, "MSK": 3, "TRT": 3, "IRST": 3.5, "GST": 4, "MSD": 4, "SAMT": 4, "AZT": 4,
	"AFT": 4.5, "PKT": 5, "UZT": 5, "YEKT": 5, "IST": 5.5, "SLST": 5.5, "NPT": 5.75, "OMST": 6, "MMT": 6.5,
	"ICT": 7, "KRAT": 7, "NOVT": 7, "WIB": 7, "AWST": 8, "HKT": 8, "IRKT": 8, "MYT": 8, "PHT": 8, "SGT": 8, "WITA": 8,
	"JST": 9, "KST": 9, "WIT": 9, "YAKT": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "CHST": 10, "VLAT": 10,
	"AEDT": 11, "MAGT": 11, "NZST": 12, "NZDT": 13,
	"CVT": -1, "BRST": -2, "NDT": -2.5, "ADT": -3, "ART": -3, "BRT": -3, "CLST": -3, "UYT": -3, "NST": -3.5,
	"BOT": -4, "CLT": -4, "EDT": -4, "VET": -4, "CDT": -5, "COT": -5, "ECT": -5, "EST": -5, "PET": -5,
	"CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "AKDT": -8, "PST": -8, "AKST": -9, "HDT": -9, "HST": -10, "SST": -11,
}
