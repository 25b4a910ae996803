// Package newswire is the vocabulary of a syndication service: publishers are visited, their articles cached, and
// republished as feeds in which every item names its publisher, its author and its terms.
//
//	data     publisher ──▶ sources ──▶ cache ──▶ syndication ──▶ reader
//	imports               sources ──▶ cache ◀── syndication
//	                            ╲      │      ╱
//	                             ▼     ▼     ▼
//	                               newswire             cmd imports all four
//
// Start at [Article], which is what travels; [Source] says where it comes from, [Topic] where it is listed, [Feed] how
// it leaves. The package refuses to know how anything is fetched, stored or served, and imports nothing of its own.
package newswire
