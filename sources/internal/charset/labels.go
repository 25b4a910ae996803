package charset

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
)

const utf8Name = "utf-8"

// escapes are the encodings whose bytes are all ASCII: they switch charsets by escape sequences.
var escapes = map[string]bool{"iso-2022-jp": true, "hz-gb-2312": true}

// Lookup finds the encoding of a label, and its name in the WHATWG's standard or else in IANA's registry, in lower case.
// It knows the names of browsers, of IANA, and those that programs write for the same charsets, such as windows_1251,
// Cp850, ISO8859_1 or macroman. The encoding is nil where none is known.
func Lookup(label string) (e encoding.Encoding, name string) {
	label = strings.ToLower(strings.TrimSpace(label))
	if len(label) > maxLabel {
		return nil, ""
	}
	if e, name := standard(label); e != nil {
		return e, name
	}
	plain := punctuation.ReplaceAllString(label, "")
	if other := otherNames[plain]; other != "" {
		return standard(other)
	}
	if m := isoName.FindStringSubmatch(plain); m != nil {
		return standard("iso-8859-" + m[1])
	}
	if m := codePage.FindStringSubmatch(plain); m != nil {
		return pageOf(m[1])
	}
	for _, spelling := range []string{strings.ReplaceAll(label, "_", "-"), plain} {
		if e, name := standard(spelling); e != nil {
			return e, name
		}
	}
	return nil, ""
}

// maxLabel is longer than any name of a charset.
const maxLabel = 60

// punctuation is what programs put into the names of charsets as they like.
var punctuation = regexp.MustCompile(`[^a-z0-9]+`)

// isoName is a name of one of the parts of ISO 8859, without punctuation.
var isoName = regexp.MustCompile(`^(?:x|cs)?(?:iso)?8859(1[0-6]|[1-9])(?:[ei]|19\d\d)?$`)

// codePage is the number of a code page with what stands before it, without punctuation.
var codePage = regexp.MustCompile(`^x?(?:cp|windows|win|ms|ansi|ibm|dos|oem|pc|codepage|mswindows)?0?(\d{3,5})$`)

// otherNames are names of charsets that neither browsers nor IANA know, without punctuation.
var otherNames = map[string]string{
	"utf8sig": utf8Name, "utf8mb3": utf8Name, "utf8mb4": utf8Name, "utf8bom": utf8Name, "cp65001": utf8Name, "xutf8": utf8Name,
	"macroman": "macintosh", "xmacroman": "macintosh", "applemacintosh": "macintosh", "applemac": "macintosh",
	"maccyrillic": "x-mac-cyrillic", "macukraine": "x-mac-cyrillic", "macukrainian": "x-mac-cyrillic",
	"iso2022jp": "iso-2022-jp", "iso2022jp1": "iso-2022-jp", "iso2022jp2": "iso-2022-jp", "csiso2022jp": "iso-2022-jp", "jis": "iso-2022-jp",
	"hzgb2312": "hz-gb-2312", "hzgb": "hz-gb-2312", "hz": "hz-gb-2312",
	"euccn": "gbk", "gb": "gbk", "gb2312": "gbk", "xeuccn": "gbk", "gb180302000": "gb18030", "big5hkscs": "big5", "xbig5": "big5", "eten": "big5",
	"eucjp": "euc-jp", "ujis": "euc-jp", "euckr": "euc-kr", "ksc5601": "euc-kr", "uhc": "euc-kr", "windows31j": "shift_jis", "shiftjis": "shift_jis",
	"koi8": "koi8-r", "koi8r": "koi8-r", "koi8u": "koi8-u", "koi8ru": "koi8-u",
	"ascii": "windows-1252", "usascii": "windows-1252", "ansi": "windows-1252", "winlatin1": "windows-1252", "latin": "windows-1252",
	"latin1": "windows-1252", "latin2": "iso-8859-2", "latin9": "iso-8859-15", "latin0": "iso-8859-15", "tis620": "windows-874",
}

// standard finds a label that browsers or IANA know. What browsers know and refuse to read, such as ISO-2022-KR, is not known.
func standard(label string) (encoding.Encoding, string) {
	if label == "hz-gb-2312" { // browsers refuse it for the sake of scripts, which feeds have none of
		return simplifiedchinese.HZGB2312, label
	}
	switch e, name := charset.Lookup(label); {
	case name == "replacement" || name == "x-user-defined":
		return nil, ""
	case name == "gbk":
		return simplifiedchinese.GB18030, name // its superset, as browsers read it
	case e != nil:
		return e, name
	}
	e, err := ianaindex.IANA.Encoding(label)
	if err != nil || e == nil {
		return nil, ""
	}
	name, err := ianaindex.IANA.Name(e)
	if err != nil {
		name = label
	}
	return e, strings.ToLower(name)
}

// pages are the code pages of DOS, Windows, Macintosh and mainframes that have other names in the standards, or none.
var pages = map[int]string{
	874: "windows-874", 932: "shift_jis", 936: "gbk", 949: "euc-kr", 950: "big5",
	10000: "macintosh", 10007: "x-mac-cyrillic", 20127: "windows-1252", 20866: "koi8-r", 20932: "euc-jp", 21866: "koi8-u",
	50220: "iso-2022-jp", 50221: "iso-2022-jp", 50222: "iso-2022-jp", 51932: "euc-jp", 51936: "gbk", 51949: "euc-kr",
	52936: "hz-gb-2312", 54936: "gb18030", 65001: utf8Name,
}

// pageOf is the encoding of a code page.
func pageOf(digits string) (encoding.Encoding, string) {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return nil, ""
	}
	switch {
	case pages[n] != "":
		return standard(pages[n])
	case n >= 1250 && n <= 1258:
		return standard("windows-" + strconv.Itoa(n))
	case n > 28590 && n <= 28606:
		return standard("iso-8859-" + strconv.Itoa(n-28590))
	case n == 819:
		return charmap.Windows1252, "windows-1252"
	case n == 1047 || n == 1140: // of mainframes: IANA has the second by another spelling
		return standard("ibm0" + strconv.Itoa(n))
	}
	if n < 1000 {
		digits = strconv.Itoa(n)
		if n < 100 {
			digits = "0" + digits
		}
		if e, name := standard("ibm" + digits); e != nil {
			return e, name
		}
		return standard("ibm00" + digits)
	}
	return nil, ""
}
