//! The lessons' pages: `lessons/*.md` → `dist/index.html` and `dist/lessons/<slug>/`.

use crate::error::{Error, Result};
use crate::site::files;
use crate::site::lesson::claims::{self, Claims};
use crate::site::lesson::results::{self, Results};
use crate::site::lesson::{self, Lesson, Options, page};
use crate::site::project::Project;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

/// Compiles all lessons and writes their pages, those that changed; the lessons in their order.
///
/// # Errors
///
/// Everything that is wrong in any lesson, a line each; then nothing is written.
pub fn lessons(project: &Project, base_url: Option<&str>) -> Result<Vec<Lesson>> {
    let mut compiled: Vec<(PathBuf, Lesson)> = Vec::new();
    let mut errors = Vec::new();
    let claims = recorded_claims(&project.lessons())?;
    let options = Options { base_url: base_url.map(str::to_owned), claims, ..Options::default() };
    for path in sources(project)? {
        let name = path.strip_prefix(project.root()).unwrap_or(&path).display().to_string();
        match lesson::compile(&name, &files::read_text(&path)?, &options) {
            Ok(lesson) => compiled.push((path, lesson)),
            Err(found) => errors.extend(found),
        }
    }
    let named: Vec<(String, &Lesson)> = compiled.iter().map(|(p, l)| (p.display().to_string(), l)).collect();
    let fronts: Vec<_> = named.iter().map(|(path, lesson)| (path.as_str(), &lesson.front)).collect();
    errors.extend(lesson::check::duplicate_slugs(&fronts));
    if !errors.is_empty() {
        return Err(lesson::all(&errors));
    }
    compiled.sort_by(|(_, a), (_, b)| order(a).cmp(&order(b)));
    write(project, &compiled)?;
    Ok(compiled.into_iter().map(|(_, lesson)| lesson).collect())
}

/// What experiments gave, as it is recorded in a lesson's folder; nothing if it is not.
pub fn recorded_claims(folder: &Path) -> Result<Claims> {
    let path = folder.join(claims::FILE);
    if !path.is_file() {
        return Ok(Claims::default());
    }
    Claims::read(&path.display().to_string(), &files::read_text(&path)?)
}

/// Lessons stand in the order that they ask for, then by title.
fn order(lesson: &Lesson) -> (i64, &str) {
    (lesson.front.order.unwrap_or(i64::MAX), &lesson.front.title)
}

fn sources(project: &Project) -> Result<Vec<PathBuf>> {
    let mut sources = files::below(&project.lessons(), &[])?;
    sources.retain(|path| path.extension().is_some_and(|e| e == "md"));
    Ok(sources)
}

fn write(project: &Project, lessons: &[(PathBuf, Lesson)]) -> Result<()> {
    let dist = project.dist();
    let title = |slug: &str| lessons.iter().find(|(_, l)| l.front.slug == slug).map(|(_, l)| l.title.clone());
    let frames = dist.join("results.json");
    let results =
        if frames.is_file() { results::read(&files::read_text(&frames)?)? } else { Results::default() };
    let linked = page::Assets { results, ..page::Assets::linked("../../") };
    for (source, lesson) in lessons {
        let folder = dist.join("lessons").join(&lesson.front.slug);
        files::write(&folder.join("index.html"), page::lesson(lesson, &linked, &title).as_bytes())?;
        for address in &lesson.images {
            files::write(&folder.join(address), &files::read(&image_file(source, address)?)?)?;
        }
    }
    let all: Vec<&Lesson> = lessons.iter().map(|(_, lesson)| lesson).collect();
    files::write(&dist.join("index.html"), page::index(&all, &page::Assets::linked("")).as_bytes())?;
    remove_others(&dist.join("lessons"), |slug| all.iter().any(|l| l.front.slug == slug))
}

/// The file that a lesson shows. It stands in the lesson's folder or below: a lesson from elsewhere
/// must not publish other files of this machine.
pub fn image_file(lesson: &Path, address: &str) -> Result<PathBuf> {
    let is_below = Path::new(address).components().all(|c| matches!(c, std::path::Component::Normal(_)));
    if !is_below {
        let allowed = "an image in the lesson's folder or below it";
        return Err(Error::input(lesson.display().to_string(), format!("image {address}"), allowed));
    }
    Ok(lesson.parent().unwrap_or(Path::new("")).join(address))
}

/// Removes the pages of lessons that are gone.
fn remove_others(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten().filter(|e| !e.file_name().to_str().is_some_and(&is_wanted)) {
        let path = entry.path();
        std::fs::remove_dir_all(&path).map_err(|e| {
            Error::environment(format!("removing {}", path.display()), e, "remove it by hand")
        })?;
    }
    Ok(())
}

/// The lessons of a running server: compiled again when a file has changed since.
pub struct Library {
    project: Project,
    base_url: Option<String>,
    last: Mutex<Option<(Vec<State>, Result<()>)>>,
}

/// What tells one state of a file from the next.
type State = (PathBuf, Option<SystemTime>, u64);

impl Library {
    pub fn new(project: &Project, base_url: Option<String>) -> Self {
        Self { project: project.clone(), base_url, last: Mutex::new(None) }
    }

    /// Brings the pages up to date.
    ///
    /// # Errors
    ///
    /// As [`lessons`]; the pages stay those of the last state without an error.
    pub fn refresh(&self) -> Result<()> {
        let mut last = self.last.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let state = self.state()?;
        if let Some((seen, result)) = &*last
            && *seen == state
        {
            return result.clone();
        }
        let result = lessons(&self.project, self.base_url.as_deref()).map(|_| ());
        *last = Some((state, result.clone()));
        result
    }

    fn state(&self) -> Result<Vec<State>> {
        let state = |path: PathBuf| {
            let meta = std::fs::metadata(&path).ok();
            let changed = meta.as_ref().and_then(|m| m.modified().ok());
            (path, changed, meta.map_or(0, |m| m.len()))
        };
        Ok(files::below(&self.project.lessons(), &[])?.into_iter().map(state).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A project with nothing but lessons.
    fn project() -> (tempfile::TempDir, Project) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["Cargo.toml", "wasm-pack.toml"] {
            files::write(&folder.path().join(name), b"").unwrap();
        }
        let project = Project::around(folder.path()).unwrap();
        (folder, project)
    }

    fn add(project: &Project, name: &str, slug: &str, rest: &str) {
        let text = format!("---\ntitle: Lesson {slug}\nslug: {slug}\ndescription: D\n{rest}");
        files::write(&project.lessons().join(name), text.as_bytes()).unwrap();
    }

    fn page(project: &Project, slug: &str) -> String {
        files::read_text(&project.dist().join("lessons").join(slug).join("index.html")).unwrap_or_default()
    }

    #[test]
    fn lessons_are_listed_in_their_order_with_their_images() {
        let (_folder, project) = project();
        add(&project, "b.md", "b", "order: 1\nrelated: [a]\n---\n\n![Dot](img/dot.png)\n");
        add(&project, "deeper/a.md", "a", "---\n\nText.\n");
        files::write(&project.lessons().join("img/dot.png"), b"png").unwrap();
        let slugs: Vec<String> = lessons(&project, None).unwrap().into_iter().map(|l| l.front.slug).collect();
        assert_eq!(slugs, ["b", "a"]);
        assert_eq!(files::read(&project.dist().join("lessons/b/img/dot.png")).unwrap(), b"png");
        assert!(page(&project, "b").contains("<a href=\"../a/\">Lesson a</a>"), "related lessons are linked");
        let index = files::read_text(&project.dist().join("index.html")).unwrap();
        assert!(index.find("lessons/b/") < index.find("lessons/a/"));
    }

    #[test]
    fn a_changed_lesson_is_compiled_again_and_a_removed_one_goes() {
        let (_folder, project) = project();
        let library = Library::new(&project, None);
        add(&project, "a.md", "a", "---\n\nFirst.\n");
        add(&project, "b.md", "b", "---\n\nOther.\n");
        library.refresh().unwrap();
        assert!(page(&project, "a").contains("First.") && page(&project, "b").contains("Other."));
        add(&project, "a.md", "a", "---\n\nSecond one.\n");
        std::fs::remove_file(project.lessons().join("b.md")).unwrap();
        library.refresh().unwrap();
        assert!(page(&project, "a").contains("Second one."));
        assert_eq!(page(&project, "b"), "");
    }

    #[test]
    fn mistakes_of_all_lessons_are_told_and_the_pages_stay() {
        let (_folder, project) = project();
        let library = Library::new(&project, None);
        add(&project, "a.md", "a", "---\n\nGood.\n");
        library.refresh().unwrap();
        add(&project, "a.md", "a", "colour: red\n---\n\nBad.\n");
        add(&project, "b.md", "b", "---\n\n<!-- component:weather -->\n\nBad.\n");
        let error = library.refresh().unwrap_err().to_string();
        assert!(error.contains("lessons/a.md:5:1: unknown field `colour`"), "{error}");
        assert!(error.contains("\nlessons/b.md:7:1: unknown component weather"), "{error}");
        assert!(page(&project, "a").contains("Good."));
    }
}
