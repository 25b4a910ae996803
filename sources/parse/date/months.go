package date

import (
	"strings"
	"time"
)

// months are the names and abbreviations of the months, in lower case, in the languages that feeds have been seen in and
// in those that have most readers. A name that means different months in different languages is left out.
var months = monthNames(`
january jan januar janvier janv enero ene gennaio gen janeiro januari januári styczeń stycznia sty leden ledna ocak января янв січня ιαν ιανουαρίου jän jänner ianuarie tammikuu led oca januára gener يناير جانفي जनवरी जन جنوری ינואר ינו জানুয়ারী জানুয়ারি jaanuar janvāris janvārī sausio януари siječnja januarja มกราคม
february feb februar février févr fév febrero febbraio fevereiro fev februari február luty lutego lut únor února şubat февраля фев лютого φεβ φεβρουαρίου februarie helmikuu úno şub febr februára febrer فبراير فيفري شباط फ़रवरी फरवरी फ़र فروری פברואר פבר ফেব্রুয়ারি ফেব্রুয়ারী veebruar februāris februārī vasario февруари veljače februarja กุมภาพันธ์
march mar märz mär mars marzo março maart március marzec marca březen března mart марта мар березня μάρ μαρ μαρτίου martie maaliskuu mrz bře márc mrt marec maret març مارس آذار मार्च مارچ מרץ মার্চ märts marts martā kovo март ožujka มีนาคม
april apr avril avr abril abr aprile április kwiecień kwietnia kwi duben dubna nisan апреля апр квітня απρ απριλίου aprilie huhtikuu dub nis ápr apríl apríla أبريل ابريل نيسان أفريل إبريل अप्रैल अप्रै اپریل אפריל אפר এপ্রিল aprill aprīlis aprīlī balandžio април travnja aprila เมษายน
may mai mayo maggio mag maio mei május maj maja květen května mayıs мая май травня μάι μαϊ μαΐου toukokuu kvě máj mája maig مايو أيار ماي मई مئی מאי মে maijs maijā gegužės svibnja พฤษภาคม
june jun juni juin junio giugno giu junho június czerwiec czerwca cze červen června haziran июня июн червня ιούν ιουν ιουνίου iunie kesäkuu čvn haz jún júna juny يونيو يونيه حزيران جوان जून جون יוני জুন juuni jūnijs jūnijā birželio юни lipnja junija มิถุนายน
july jul juli juillet juil julio luglio lug julho július lipiec lipca červenec července temmuz июля июл липня ιούλ ιουλ ιουλίου iulie heinäkuu čvc tem júl júla juliol يوليو يوليه يوليوز تموز جويلية जुलाई जुल جولائی יולי জুলাই juuli jūlijs jūlijā liepos юли srpnja julija กรกฎาคม
august aug août aout agosto ago augustus augusztus sierpień sierpnia sie srpen srpna ağustos августа авг серпня αύγ αυγ αυγούστου elokuu ağu augusti augusta agustus agost أغسطس اغسطس آب غشت أوت अगस्त अग اگست אוגוסט אוג আগস্ট augusts augustā rugpjūčio август kolovoza avgusta avgust สิงหาคม
september sep sept septembre septiembre settembre set setembro szeptember wrzesień września wrz září eylül сентября сен вересня σεπ σεπτεμβρίου septembrie syyskuu zář eyl szept septembra setembre سبتمبر أيلول شتنبر सितंबर सितम्बर सित ستمبر ספטמבר ספט সেপ্টেম্বর septembris septembrī rugsėjo септември rujna กันยายน
october oct oktober okt octobre octubre ottobre ott outubro out október październik października paź říjen října ekim октября окт жовтня οκτ οκτωβρίου octombrie lokakuu říj eki októbra أكتوبر اكتوبر अक्टूबर अक्तूबर अक्टू اکتوبر אוקטובר אוק অক্টোবর oktoober oktobris oktobrī spalio октомври oktobra ตุลาคม
november nov novembre noviembre novembro listopadu kasım ноября ноя листопада νοέ νοε νοεμβρίου noiembrie marraskuu kas novembra نوفمبر نونبر नवंबर नवम्बर नव نومبر נובמבר נוב নভেম্বর novembris novembrī lapkričio ноември studenoga studenog พฤศจิกายน
december dec dezember dez décembre déc diciembre dic dicembre dezembro grudzień grudnia gru prosinec prosince aralık декабря дек грудня δεκ δεκεμβρίου decembrie joulukuu pro ara desember desembre des decembra ديسمبر دجنبر दिसंबर दिसम्बर दिस دسمبر דצמבר דצמ ডিসেম্বর detsember decembris decembrī gruodžio декември prosinca ธันวาคม
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
