// Times are in UTC where there is no script; here they become the reader's own.
for (const e of document.querySelectorAll('time[datetime*="T"]')) {
  const at = new Date(e.dateTime);
  if (!isNaN(at)) {
    e.title = e.textContent;
    e.textContent = at.toLocaleString(document.documentElement.lang, {dateStyle: "long", timeStyle: "short"});
  }
}
