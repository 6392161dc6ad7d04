// One process for all, so that the packages are packed once.
import './published.js';
import './node.js';
import './pages.js';
