// The pages of the studio that are read: only their styles.
import "../styles/studio.css";
