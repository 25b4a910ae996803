package date

import (
	"strings"
	"time"
)

// months are the names and abbreviations of the months, in lower case, in the languages that write them in Latin, Greek
// and Cyrillic letters and that feeds have been seen in. A name that means different months in different languages is
// left out.
var months = monthNames(`
january jan januar janvier janv enero ene gennaio gen janeiro januari januári styczeń stycznia sty leden ledna ocak января янв січня ιαν ιανουαρίου jän jänner ianuarie tammikuu led oca januára gener
february feb februar février févr fév febrero febbraio fevereiro fev februari február luty lutego lut únor února şubat февраля фев лютого φεβ φεβρουαρίου februarie helmikuu úno şub febr februára febrer
march mar märz mär mars marzo março maart március marzec marca březen března mart марта мар березня μάρ μαρ μαρτίου martie maaliskuu mrz bře márc mrt marec maret març
april apr avril avr abril abr aprile április kwiecień kwietnia kwi duben dubna nisan апреля апр квітня απρ απριλίου aprilie huhtikuu dub nis ápr apríl apríla
may mai mayo maggio mag maio mei május maj maja květen května mayıs мая май травня μάι μαϊ μαΐου toukokuu kvě máj mája maig
june jun juni juin junio giugno giu junho június czerwiec czerwca cze červen června haziran июня июн червня ιούν ιουν ιουνίου iunie kesäkuu čvn haz jún júna juny
july jul juli juillet juil julio luglio lug julho július lipiec lipca červenec července temmuz июля июл липня ιούλ ιουλ ιουλίου iulie heinäkuu čvc tem júl júla juliol
august aug août aout agosto ago augustus augusztus sierpień sierpnia sie srpen srpna ağustos августа авг серпня αύγ αυγ αυγούστου elokuu ağu augusti augusta agustus agost
september sep sept septembre septiembre settembre set setembro szeptember wrzesień września wrz září eylül сентября сен вересня σεπ σεπτεμβρίου septembrie syyskuu zář eyl szept septembra setembre
october oct oktober okt octobre octubre ottobre ott outubro out október październik października paź říjen října ekim октября окт жовтня οκτ οκτωβρίου octombrie lokakuu říj eki októbra
november nov novembre noviembre novembro listopadu kasım ноября ноя листопада νοέ νοε νοεμβρίου noiembrie marraskuu kas novembra
december dec dezember dez décembre déc diciembre dic dicembre dezembro grudzień grudnia gru prosinec prosince aralık декабря дек грудня δεκ δεκεμβρίου decembrie joulukuu pro ara desember desembre des decembra
`)

// monthNames reads a line of names for every month.
func monthNames(table string) map[string]time.Month {
	names := map[string]time.Month{}
	for i, line := range strings.Split(strings.TrimSpace(table), "\n") {
		for name := range strings.FieldsSeq(line) {
			names[name] = time.Month(i + 1)
		}
	}
	return names
}
