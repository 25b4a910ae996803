package pictures

// signatures are how files of pictures begin. A dot stands for any byte.
var signatures = []struct{ begins, mediaType string }{
	{"\xff\xd8\xff", "image/jpeg"},
	{"\x89PNG\r\n\x1a\n", "image/png"},
	{"GIF87a", "image/gif"},
	{"GIF89a", "image/gif"},
	{"RIFF....WEBPVP8", "image/webp"},
	{"....ftypavif", "image/avif"},
	{"....ftypavis", "image/avif"},
	{"\x00\x00\x01\x00", "image/x-icon"},
}

// sniff is the media type of a picture by its first bytes, and empty for anything else. What its publisher calls it does not
// count.
func sniff(body []byte) string {
	for _, s := range signatures {
		if len(body) > len(s.begins) && matches(body[:len(s.begins)], s.begins) {
			return s.mediaType
		}
	}
	return ""
}

func matches(b []byte, pattern string) bool {
	for i, want := range []byte(pattern) {
		if b[i] != want && want != '.' {
			return false
		}
	}
	return true
}
