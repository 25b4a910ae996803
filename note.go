package newswire

import (
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// NotesKept is how many notes are kept of a source's visits.
const NotesKept = 20

// Note is what operators are told of a visit afterwards: what the publisher answered, and what came of it. It has no secret in
// it. Visits that are answered 304 Not Modified and bring nothing are counted only ([State.Confirmed]).
type Note struct {
	At      time.Time     `json:"at"`
	Took    time.Duration `json:"took,omitempty"`
	Outcome string        `json:"outcome"`
	Pushed  bool          `json:"pushed,omitempty"` // a hub sent the document
	Status  int           `json:"status,omitempty"` // HTTP; 0 where there was no answer
	URL     string        `json:"url,omitempty"`    // that answered, without its query
	Header  []HeaderField `json:"header,omitempty"`
	Bytes   int           `json:"bytes,omitempty"` // of the document, inflated

	Confirmed int `json:"confirmed,omitempty"` // visits before it, since the note before, that were answered 304

	Offered   int            `json:"offered,omitempty"`
	New       int            `json:"new,omitempty"`
	Edited    int            `json:"edited,omitempty"`
	Held      int            `json:"held,omitempty"`
	Withdrawn int            `json:"withdrawn,omitempty"`
	Dropped   int            `json:"dropped,omitempty"`
	Repairs   []string       `json:"repairs,omitempty"` // what had to be mended in the document
	Removed   map[string]int `json:"removed,omitempty"` // how many passages cleaning took out of its articles, by the reason
	Error     string         `json:"error,omitempty"`
}

// HeaderField is a field of an answer's header.
type HeaderField struct {
	Name  string `json:"n"`
	Value string `json:"v"`
}

// DaysKept is how many days [Days] counts.
const DaysKept = 30

// Day is what came of the visits to a source on one day, in UTC.
type Day struct {
	Visits   int // of its publisher
	Failures int // of these, that brought no document
	Articles int // new and changed ones, also of documents that a hub sent
}

// Days are the counts of the last days, written so that they cost little to carry and to add to: the number of the last day
// and its counts, and those of the days before it in a form that need not be read to add to the last. The zero value is good.
type Days string

// Add counts what came of a visit at a time. What lies before the days that are kept is not counted.
func (d Days) Add(at time.Time, add Day) Days {
	today := dayOf(at)
	last, day, before, ok := d.split()
	switch ago := last - today; {
	case !ok || -ago >= DaysKept:
		return joinDays(today, add, "")
	case ago == 0:
		return joinDays(last, day.plus(add), before)
	case ago >= DaysKept:
		return d
	case ago > 0:
		days := decodeDays(before)
		for int64(len(days)) < ago {
			days = append(days, Day{})
		}
		days[ago-1] = days[ago-1].plus(add)
		return joinDays(last, day, encodeDays(days))
	default:
		days := append(make([]Day, -ago-1), day)
		return joinDays(today, add, encodeDays(append(days, decodeDays(before)...)))
	}
}

// Last returns the counts of the last days up to a time, oldest first, DaysKept of them.
func (d Days) Last(until time.Time) []Day {
	out := make([]Day, DaysKept)
	last, day, before, ok := d.split()
	if !ok {
		return out
	}
	for i, day := range append([]Day{day}, decodeDays(before)...) {
		if at := DaysKept - 1 - (dayOf(until) - last + int64(i)); at >= 0 && at < DaysKept {
			out[at] = day
		}
	}
	return out
}

func (d Day) plus(add Day) Day {
	return Day{Visits: d.Visits + add.Visits, Failures: d.Failures + add.Failures, Articles: d.Articles + add.Articles}
}

// dayOf numbers a day.
func dayOf(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// split returns the number of the last day, its counts, and those of the days before. It says whether there are any.
func (d Days) split() (last int64, day Day, before string, ok bool) {
	var n [4]int64
	rest := string(d)
	for i := range n {
		var part string
		var err error
		if part, rest, ok = strings.Cut(rest, " "); !ok {
			return 0, Day{}, "", false
		}
		if n[i], err = strconv.ParseInt(part, 10, 40); err != nil {
			return 0, Day{}, "", false
		}
	}
	return n[0], Day{Visits: int(n[1]), Failures: int(n[2]), Articles: int(n[3])}, rest, true
}

func joinDays(last int64, day Day, before string) Days {
	out := make([]byte, 0, 32+len(before))
	for _, n := range [...]int64{last, int64(day.Visits), int64(day.Failures), int64(day.Articles)} {
		out = append(strconv.AppendInt(out, n, 10), ' ')
	}
	return Days(append(out, before...))
}

// decodeDays reads what encodeDays wrote. Of what it cannot read it returns none.
func decodeDays(text string) (days []Day) {
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	next := func() int {
		n, size := binary.Uvarint(raw)
		if size <= 0 || n > 1<<32 {
			raw = nil
			return 0
		}
		raw = raw[size:]
		return int(n)
	}
	for len(raw) > 0 && len(days) < DaysKept-1 {
		days = append(days, Day{Visits: next(), Failures: next(), Articles: next()})
	}
	return days
}

// encodeDays writes the days before the last one, the youngest first, without those that count nothing at its end.
func encodeDays(days []Day) string {
	days = days[:min(len(days), DaysKept-1)]
	for len(days) > 0 && days[len(days)-1] == (Day{}) {
		days = days[:len(days)-1]
	}
	var raw []byte
	for _, day := range days {
		for _, n := range [...]int{day.Visits, day.Failures, day.Articles} {
			raw = binary.AppendUvarint(raw, uint64(max(n, 0)))
		}
	}
	return base64.RawStdEncoding.EncodeToString(raw)
}
