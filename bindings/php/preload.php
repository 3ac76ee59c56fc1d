<?php
// For opcache.preload: behind a web server PHP allows FFI only to preloaded files.
declare(strict_types=1);

foreach (glob(__DIR__ . '/src/*.php') as $file) {
    opcache_compile_file($file);
}
