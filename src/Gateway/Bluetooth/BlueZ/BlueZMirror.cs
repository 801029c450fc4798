using Tmds.DBus.Protocol;
using Interfaces = System.Collections.Generic.Dictionary<string, System.Collections.Generic.Dictionary<string, Tmds.DBus.Protocol.VariantValue>>;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>BlueZ's objects as its signals tell them. Owned by one loop.</summary>
internal sealed class BlueZMirror
{
    private readonly Dictionary<string, Interfaces> _objects = new(StringComparer.Ordinal);

    public void Reset(IReadOnlyDictionary<string, Interfaces> objects)
    {
        _objects.Clear();
        foreach (var (path, interfaces) in objects) Add(path, interfaces);
    }

    public void Apply(BusEvent happened)
    {
        switch (happened)
        {
            case ObjectsRead read:
                Reset(read.Objects);
                break;
            case ObjectAdded added:
                Add(added.Path, added.Interfaces);
                break;
            case ObjectRemoved removed:
                Remove(removed);
                break;
            case PropertiesChanged changed:
                Change(changed);
                break;
        }
    }

    /// <summary>All objects with an interface, with its properties, in the order of their paths.</summary>
    public IEnumerable<(string Path, IReadOnlyDictionary<string, VariantValue> Values)> With(string name) => _objects
        .Where(o => o.Value.ContainsKey(name))
        .OrderBy(o => o.Key, StringComparer.Ordinal)
        .Select(o => (o.Key, (IReadOnlyDictionary<string, VariantValue>)o.Value[name]));

    public IReadOnlyDictionary<string, VariantValue>? Find(string path, string name) =>
        _objects.TryGetValue(path, out var interfaces) && interfaces.TryGetValue(name, out var values) ? values : null;

    // BlueZ announces an object again when it gains an interface: what is there already stays.
    private void Add(string path, Interfaces interfaces)
    {
        if (!_objects.TryGetValue(path, out var known)) _objects[path] = known = new Interfaces(StringComparer.Ordinal);
        foreach (var (name, values) in interfaces) known[name] = values;
    }

    private void Remove(ObjectRemoved removed)
    {
        if (!_objects.TryGetValue(removed.Path, out var known)) return;
        foreach (var name in removed.Interfaces) known.Remove(name);
        if (known.Count == 0) _objects.Remove(removed.Path);
    }

    // A change of something never announced belongs to an object that we will be told of, or never were meant to see.
    private void Change(PropertiesChanged changed)
    {
        if (!_objects.TryGetValue(changed.Path, out var known) || !known.TryGetValue(changed.Interface, out var values)) return;
        foreach (var (name, value) in changed.Changed) values[name] = value;
        foreach (var name in changed.Invalidated) values.Remove(name);
    }
}
