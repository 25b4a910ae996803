package browser

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// articles is how many the publisher has: more than one page of ours.
const articles = 120

// publisher has a feed of articles: one with a recording, one with a picture, and one that our rule holds.
func publisher(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("GET /feed.xml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		_, _ = w.Write([]byte(feed(server.URL)))
	})
	serve := func(path, kind string, body []byte) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
		})
	}
	serve("/talk.wav", "audio/wav", recording(2*time.Second))
	serve("/heron.png", "image/png", picture())
	return server
}

func feed(base string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title>Notes from the Canal</title><link>%s/</link><description>What passes by</description>`, base)
	for i := range articles {
		title, more := fmt.Sprintf("Barge number %d", i), ""
		switch i {
		case 1:
			title, more = "The lock keeper talks", fmt.Sprintf(`<enclosure url="%s/talk.wav" type="audio/wav" length="32044"/>`, base)
		case 2:
			title, more = "A heron at the third lock", fmt.Sprintf(`<media:content url="%s/heron.png" type="image/png" width="640" height="480"/>`, base)
		case 3:
			title = "Waiting for a decision"
		}
		at := time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC).Add(-time.Duration(i) * 7 * time.Hour)
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">n%d</guid><title>%s</title><link>%s/notes/%d</link><pubDate>%s</pubDate><description>It is note %[1]d of the canal. It was written by the water.</description>%[6]s</item>`,
			i, title, base, i, at.Format(time.RFC1123Z), more)
	}
	b.WriteString(`</channel></rss>`)
	return b.String()
}

// recording is silence as a WAV file: 8,000 samples of 16 bits a second.
func recording(d time.Duration) []byte {
	const rate = 8000
	size := uint32(d.Seconds()*rate) * 2
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, v := range []any{size + 36, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(rate * 2), uint16(2), uint16(16), []byte("data"), size} {
		_ = binary.Write(&b, binary.LittleEndian, v) // to memory
	}
	b.Write(make([]byte, size))
	return b.Bytes()
}

func picture() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			img.Set(x, y, color.RGBA{uint8(x / 3), uint8(y / 2), 160, 255})
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img) // to memory
	return b.Bytes()
}
