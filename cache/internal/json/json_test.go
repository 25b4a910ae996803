package json_test

import (
	"bytes"
	std "encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/json"
)

// written is v as encoding/json writes it.
func written(v any) ([]byte, error) {
	var b bytes.Buffer
	e := std.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func TestItIsWrittenAsEncodingJSONWritesIt(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	var none []string
	for _, v := range []any{
		nil, none,
		[]string{},
		map[string]int(nil), []byte("bytes"), []byte(nil), 1e21, 1e-7, int64(1) << 60, true, at, time.Hour, new(int),
		"<b>&\u2028\u2029\x00\x7f\"\\/\b\f\n\r\t金",
		map[newswire.Topic]bool{"b": true, "a": true, "<": false},
		newswire.State{},
		newswire.Article{},
		newswire.Domain{},
		newswire.Tombstone{},
		&newswire.State{
			Source: "dsb", Due: at, Rhythm: time.Hour, Cadence: newswire.Cadence{SkipHours: []int{1}, SkipDays: []time.Weekday{time.Sunday}},
			Shared: map[string]string{"b": "date", "a": "address"}, Unread: []newswire.Unread{{Article: newswire.Article{Title: "<"}, Tries: 1}},
			Health: newswire.Health{LastVisit: at, Status: 200}, Paused: newswire.Pause{Since: at, Reason: "a > b"}, Noted: 3,
		},
	} {
		want, err := written(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(v)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("Marshal(%#v) = %s, %v, want %s", v, got, err, want)
		}
		var b bytes.Buffer
		if err := json.Write(&b, v); err != nil || !bytes.Equal(b.Bytes(), want) {
			t.Errorf("Write(%#v) writes %s, %v, want %s", v, b.Bytes(), err, want)
		}
	}
}

// FuzzUnmarshal: a text is read as encoding/json reads it, or refused with it, and what was read is written alike.
func FuzzUnmarshal(f *testing.F) {
	for _, text := range []string{
		`{"source":"dsb","SOURCE":"again","due":"2026-01-02T03:04:05.678Z","rhythm":3600000000000,"cadence":{"skip_days":[0]}}`,
		`{"health":{"status":304},"shared":{"a":"date","a":"address"},"unread":[{"article":{"title":"\ud800"}}],"days":null}`,
		`{"article":{"id":"x","title":"<b>"}}`, `[]`, ` null `, `{"noted":1.5}`, `{"noted":1}{`, "{\"why\":\"\xff\"}",
	} {
		f.Add([]byte(text))
	}
	type stored struct {
		newswire.State
		Article newswire.Article        `json:"article,omitzero"`
		Topics  map[newswire.Topic]bool `json:"topics,omitempty"`
		Numbers []int64                 `json:"numbers,omitempty"`
		Bytes   []byte                  `json:"bytes,omitempty"`
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want, got stored
		wrong, err := std.Unmarshal(text, &want), json.Unmarshal(text, &got)
		if (wrong == nil) != (err == nil) {
			t.Fatalf("%q: %v; encoding/json says %v", text, err, wrong)
		}
		if err != nil {
			return
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%q is read otherwise than by encoding/json (-want +got):\n%s", text, d)
		}
		wanted, wrong := written(got)
		again, err := json.Marshal(got) // its strings are valid UTF-8
		if (wrong == nil) != (err == nil) || err == nil && !bytes.Equal(again, wanted) {
			t.Errorf("Marshal = %s, %v, want %s, %v", again, err, wanted, wrong)
		}
	})
}
