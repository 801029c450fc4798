using System.Reflection;
using Gateway.Playback.Audio;
using Gateway.Playback.Tracking;

namespace Gateway.Tests.Playback;

/// <summary>What control and an audio thread share has no lock (docs/playback.md): who holds one may be put to sleep, and the sound would wait.</summary>
public sealed class AudioThreadTests
{
    private static readonly string[] s_locks = ["Lock", "Object", "ConcurrentQueue`1", "BlockingCollection`1", "Channel`1", "ManualResetEventSlim", "ManualResetEvent", "AutoResetEvent", "SemaphoreSlim"];

    [Fact]
    public void Nothing_on_the_audio_threads_way_has_a_lock()
    {
        var types = typeof(GroupPlayer).Assembly.GetTypes().Where(t => t.Namespace is "Gateway.Playback.Audio" or "Gateway.Sound").Append(typeof(ProgrammeTap)).Append(typeof(HiddenProbe)).ToList();

        var locks = types.SelectMany(t => t.GetFields(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
            .Where(f => s_locks.Contains(f.FieldType.Name)).Select(f => $"{f.DeclaringType!.Name}.{f.Name}");

        Assert.Empty(locks);
        Assert.Contains(typeof(OutputLane), types);
    }

    [Fact]
    public void Changes_are_taken_all_at_once_and_in_their_order_and_whoever_waits_sees_that_one_was_made()
    {
        var queue = new ChangeQueue();
        var made = new List<int>();
        Assert.Null(queue.Take());
        var posted = Enumerable.Range(0, 5).Select(i => queue.Post(() => made.Add(i))).ToList();

        for (var change = queue.Take(); change is not null; change = change.Next)
        {
            change.Work();
            change.SetMade();
            if (made.Count == 1) queue.Post(() => made.Add(99)); // for the next look
        }

        Assert.Equal([0, 1, 2, 3, 4], made);
        Assert.All(posted, change => Assert.True(change.IsMade));
        Assert.NotNull(queue.Take());
        Assert.Null(queue.Take());
    }

    [Fact]
    public void None_of_what_many_post_at_once_is_lost_and_each_ones_order_is_kept()
    {
        const int Each = 20_000;
        var queue = new ChangeQueue();
        var (last, taken) = (new int[4], 0);
        var posters = Enumerable.Range(0, last.Length).Select(poster => new Thread(() =>
        {
            for (var i = 1; i <= Each; i++)
            {
                var number = i;
                queue.Post(() => last[poster] = last[poster] == number - 1 ? number : int.MinValue);
            }
        })).ToList();

        posters.ForEach(p => p.Start());
        Eventually.True("all to be taken", () =>
        {
            for (var change = queue.Take(); change is not null; change = change.Next, taken++) change.Work();
            return taken == last.Length * Each;
        });

        Assert.All(last, number => Assert.Equal(Each, number));
    }
}
