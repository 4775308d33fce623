//! pollen
