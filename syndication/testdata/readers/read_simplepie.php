<?php
// Reads the feed on standard input with SimplePie and prints what it found in each item, as JSON. Dates are left out: SimplePie
// 1.3 cannot read any with PHP 8.
error_reporting(E_ERROR);
require 'simplepie/autoloader.php';

function plain($s) {
	return html_entity_decode((string) $s, ENT_QUOTES | ENT_HTML5, 'UTF-8');
}

$feed = new SimplePie();
$feed->set_raw_data(file_get_contents('php://stdin'));
$feed->enable_cache(false);
$feed->enable_order_by_date(false);
if (!$feed->init()) {
	fwrite(STDERR, 'SimplePie cannot read it: ' . $feed->error() . "\n");
	exit(1);
}
$items = [];
foreach ($feed->get_items() as $item) {
	$authors = [];
	foreach ($item->get_authors() ?? [] as $author) {
		$authors[] = plain($author->get_name() ?? $author->get_email());
	}
	$source = $item->get_source(); // Atom's; RSS's is a tag to it
	$tag = $item->get_item_tags(SIMPLEPIE_NAMESPACE_RSS_20, 'source')[0] ?? null;
	$items[] = [
		'ID' => plain($item->get_id()),
		'Title' => plain($item->get_title()),
		'Link' => plain($item->get_permalink()),
		'Authors' => $authors,
		'Source' => $tag['data'] ?? ($source ? plain($source->get_title()) : ''),
		'SourceFeed' => $tag['attribs']['']['url'] ?? ($source ? plain($source->get_link(0, 'self')) : ''),
		'Rights' => plain($item->get_copyright()),
	];
}
echo json_encode($items, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);
