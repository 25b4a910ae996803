package parse

import (
	"cmp"
	"mime"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	ext "github.com/mmcdole/gofeed/extensions"

	"github.com/newswire/newswire"
)

// mediaTypes are the types of files that publishers enclose without saying what they are.
var mediaTypes = map[string]string{
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".ogg": "audio/ogg", ".oga": "audio/ogg",
	".opus": "audio/ogg", ".flac": "audio/flac", ".wav": "audio/wav", ".mp4": "video/mp4", ".m4v": "video/mp4",
	".mov": "video/quicktime", ".webm": "video/webm", ".ogv": "video/ogg", ".m3u8": "application/vnd.apple.mpegurl",
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
	".avif": "image/avif", ".svg": "image/svg+xml", ".pdf": "application/pdf", ".epub": "application/epub+zip",
	".zip": "application/zip", ".torrent": "application/x-bittorrent",
}

// mediaType is the media type that was said, if it is one, else the one that the address suggests. The table is our own,
// for that of the system differs from host to host.
func mediaType(said, address string) string {
	if t, _, err := mime.ParseMediaType(said); err == nil && strings.Count(t, "/") == 1 {
		return t
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return mediaTypes[strings.ToLower(path.Ext(u.Path))]
}

// length reads a length in bytes. Anything but a whole positive number is unknown.
func length(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// maxDuration is longer than any recording that has an end.
const maxDuration = 1000 * time.Hour

// playingTime reads "H:MM:SS", "MM:SS" or seconds.
func playingTime(s string) time.Duration {
	seconds := 0.0
	for _, part := range strings.Split(strings.TrimSpace(s), ":") {
		n, err := strconv.ParseFloat(part, 64)
		if err != nil || !(n >= 0) {
			return 0
		}
		seconds = seconds*60 + n
	}
	if seconds >= maxDuration.Seconds() {
		return 0
	}
	return time.Duration(seconds * float64(time.Second)).Truncate(time.Millisecond)
}

// maxEnclosures bounds the enclosures of one item.
const maxEnclosures = 100

// flash is the type of films that nothing plays any more.
const flash = "application/x-shockwave-flash"

// enclose adds an enclosure to an item, if it has an address; what is there already only gains what was not known.
func enclose(it *Item, e newswire.Enclosure) {
	e.URL = webAddress(e.URL)
	e.Type, e.Title = mediaType(e.Type, e.URL), plain(e.Title)
	if e.URL == "" || e.Type == flash {
		return
	}
	i := slices.IndexFunc(it.Enclosures, func(known newswire.Enclosure) bool { return known.URL == e.URL })
	if i < 0 {
		if len(it.Enclosures) < maxEnclosures {
			it.Enclosures = append(it.Enclosures, e)
		}
		return
	}
	known := &it.Enclosures[i]
	known.Type, known.Title = cmp.Or(known.Type, e.Type), cmp.Or(known.Title, e.Title)
	known.Length = max(known.Length, e.Length)
	known.Duration = max(known.Duration, e.Duration)
}

// media reads Media RSS and the pictures and times of podcasts.
func media(it *Item, e ext.Extensions) {
	m := e["media"]
	whole := ext.Extension{Children: m}
	pictures := mediaOf(it, whole, whole)
	for _, group := range m["group"] {
		pictures = append(pictures, mediaOf(it, group, whole)...)
	}
	it.Image = largest(pictures)
	otherPictures(it, m["content"], whole)
	if it.Image == nil {
		it.Image = picture(itunesImage(e))
	}
	if it.Image == nil {
		for _, enclosure := range it.Enclosures {
			if strings.HasPrefix(enclosure.Type, "image/") {
				it.Image = picture(enclosure.URL)
				it.Image.Type = enclosure.Type
				break
			}
		}
	}
	if d := playingTime(value(e, "itunes", "duration")); d > 0 {
		for i := range it.Enclosures {
			if t := it.Enclosures[i].Type; strings.HasPrefix(t, "audio/") || strings.HasPrefix(t, "video/") {
				it.Enclosures[i].Duration = max(it.Enclosures[i].Duration, d)
				break
			}
		}
	}
}

// itunesImage is the address of the picture of a podcast or of an episode, as publishers write it.
func itunesImage(e ext.Extensions) string {
	for _, x := range e["itunes"]["link"] {
		if strings.EqualFold(x.Attrs["rel"], "image") {
			return webAddress(x.Attrs["href"])
		}
	}
	return webAddress(cmp.Or(attribute(e, "itunes", "image", "href"), attribute(e, "itunes", "image", "url"), value(e, "itunes", "image")))
}

// otherPictures encloses the pictures beside the lead, as those of a gallery. Those of a group are forms of one picture, and
// so are those that say how wide they are.
func otherPictures(it *Item, contents []ext.Extension, whole ext.Extension) {
	for _, x := range contents {
		if p := pictureOf(x, whole, whole); p != nil && p.Width == 0 && p.URL != it.Image.URL {
			enclose(it, newswire.Enclosure{URL: p.URL, Type: p.Type, Length: length(x.Attrs["fileSize"]), Title: p.Title})
		}
	}
}

// picture is a picture of which only the address is known.
func picture(address string) *newswire.Image {
	if address = webAddress(address); address == "" {
		return nil
	}
	return &newswire.Image{URL: address, Type: mediaType("", address)}
}

// mediaOf encloses the recordings and films of a group and returns its pictures. Title and credit of an object may
// stand in it, in its group or in the item (Media RSS, "Optional Elements").
func mediaOf(it *Item, group, whole ext.Extension) []newswire.Image {
	var pictures []newswire.Image
	for _, x := range group.Children["content"] {
		if p := pictureOf(x, group, whole); p != nil {
			pictures = append(pictures, *p)
		} else if !isPicture(x) {
			enclose(it, newswire.Enclosure{
				URL: x.Attrs["url"], Type: x.Attrs["type"], Length: length(x.Attrs["fileSize"]),
				Title: cmp.Or(child(x, "title"), child(group, "title")), Duration: playingTime(x.Attrs["duration"]),
			})
		}
		pictures = append(pictures, thumbnails(x, whole)...)
	}
	if len(pictures) == 0 {
		pictures = thumbnails(group, whole)
	}
	return pictures
}

// pictureOf is the picture that a content element of a group holds, if that is what it holds.
func pictureOf(x, group, whole ext.Extension) *newswire.Image {
	if !isPicture(x) {
		return nil
	}
	p := sized(x)
	if p == nil {
		return nil
	}
	p.Type = cmp.Or(mediaType(x.Attrs["type"], p.URL), p.Type)
	p.Title = plain(cmp.Or(child(x, "title"), child(group, "title"), child(x, "description"), child(whole, "title")))
	p.Credit = plain(cmp.Or(child(x, "credit"), child(group, "credit"), child(whole, "credit")))
	return p
}

// sized is the picture of an element, with its width and height. It is none where the picture is of a person, or too
// small to show what an article is about.
func sized(x ext.Extension) *newswire.Image {
	p := picture(x.Attrs["url"])
	if p == nil || isAvatar(p.URL) {
		return nil
	}
	p.Width, p.Height = dimension(x.Attrs["width"]), dimension(x.Attrs["height"])
	if p.Width > 0 && p.Height > 0 && max(p.Width, p.Height) <= maxIcon {
		return nil
	}
	return p
}

// maxIcon is the greatest width and height of avatars, icons and the small crops that blogs make for lists.
const maxIcon = 96

// isAvatar says whether a picture is of a person: WordPress.com's feeds have the author's at Gravatar before the article's
// own, and GitHub's have no other.
func isAvatar(address string) bool {
	_, rest, _ := strings.Cut(address, "://")
	host, path, _ := strings.Cut(rest, "/")
	return (host == "gravatar.com" || strings.HasSuffix(host, ".gravatar.com")) && strings.HasPrefix(path, "avatar/") ||
		strings.HasPrefix(host, "avatars") && strings.HasSuffix(host, ".githubusercontent.com")
}

// isPicture tells a picture from other media.
func isPicture(x ext.Extension) bool {
	if medium := x.Attrs["medium"]; medium != "" {
		return strings.EqualFold(medium, "image")
	}
	t := mediaType(x.Attrs["type"], x.Attrs["url"])
	return strings.HasPrefix(t, "image/") || t == "" && x.Attrs["duration"] == "" && x.Attrs["width"] != ""
}

func thumbnails(x, whole ext.Extension) []newswire.Image {
	var pictures []newswire.Image
	for _, t := range x.Children["thumbnail"] {
		if p := sized(t); p != nil {
			p.Credit = plain(cmp.Or(child(x, "credit"), child(whole, "credit")))
			pictures = append(pictures, *p)
		}
	}
	return pictures
}

// dimension reads a width or height in pixels.
func dimension(s string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(s), "px"))
	if err != nil || n < 0 || n > 1<<16 {
		return 0
	}
	return n
}

// largest is the widest picture, and among equals the first.
func largest(pictures []newswire.Image) *newswire.Image {
	var best *newswire.Image
	for i := range pictures {
		if best == nil || pictures[i].Width > best.Width {
			best = &pictures[i]
		}
	}
	return best
}
