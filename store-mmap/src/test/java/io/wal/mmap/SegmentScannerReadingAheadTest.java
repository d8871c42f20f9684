package io.wal.mmap;

/** The same, with a thread that reads ahead. */
class SegmentScannerReadingAheadTest extends SegmentScannerTest {
    @Override
    SegmentScanner newScanner() {
        return new SegmentScanner(new ReadAhead("test"));
    }
}
