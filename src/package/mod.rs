//! Reads packages: folders and ZIPs, manifests and catalogues, names in any encoding.
